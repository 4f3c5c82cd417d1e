"""What is done with an invitation on a fake Waldur.

What the recorded server answered, and its age does not change, is not told again here: test_fake_waldur_recorded.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.testing.waldur_driver import ANONYMOUS, FORBIDDEN, HIDDEN, UNKNOWN, Driver, driver

ACCEPTED = {"detail": "Invitation has been successfully accepted."}
CANCELED = {"detail": "Invitation has been successfully canceled."}
SENT = {"detail": "Invitation sending has been successfully scheduled."}
DELETED = {"detail": "Invitation has been successfully deleted."}
NOT_FOUND = {"detail": "Not found."}
SETTLED = ["accepted", "canceled", "expired", "rejected", "requested"]


class TestAccept:
    def test_gives_the_role(self, call: Driver) -> None:
        row = call.fake.invite("new@example.com")

        answer = call.act("accept", row, "bob")

        assert (answer.status, answer.json) == (200, ACCEPTED)
        assert call.fake.invitation(row).state == "accepted"
        assert call.fake.invitation(row).accepted_by == call.fake.users["bob"].uuid
        assert call.fake.effects["accepted"] == 1
        assert call.act("details", row, "bob").status == 200

    def test_is_404_in_a_state_that_no_server_has_yet(self, call: Driver) -> None:
        answer = call.act("accept", call.fake.invite("bob@example.com", state="paused"), "bob")

        assert (answer.status, answer.json) == (404, HIDDEN)

    def test_is_404_with_another_civil_number(self, call: Driver) -> None:
        row = call.fake.invite("bob@example.com", civil_number="EE1")

        assert call.act("accept", row, "bob").json == HIDDEN
        call.fake.update_user("bob", civil_number="EE1")
        assert call.act("accept", row, "bob").json == ACCEPTED

    def test_takes_a_second_role_unless_told_not_to(self, call: Driver) -> None:
        call.fake.grant("bob", "PROJECT.ADMIN", "apollo")
        row = call.fake.invite("bob@example.com")

        call.fake.configure(disable_multiple_roles=True)
        assert call.act("accept", row, "bob").status == 400
        call.fake.configure(disable_multiple_roles=False)
        assert call.act("accept", row, "bob").status == 200

    def test_takes_another_email_unless_told_not_to(self, call: Driver) -> None:
        row = call.fake.invite("Bob@Example.com")

        call.fake.configure(strict_accept=True)
        answer = call.act("accept", row, "invitee")
        assert (answer.status, answer.json) == (400, ["User’s email and email of the invitation are not equal."])
        assert call.act("accept", row, "bob").json == ACCEPTED

    def test_hides_it_from_other_emails_when_told_to(self, call: Driver) -> None:
        call.fake.configure(validate_invitation_email=True)
        row = call.fake.invite("bob@example.com")

        assert call.act("accept", row, "invitee").json == HIDDEN
        assert call.act("details", row, "invitee").json == HIDDEN
        assert call.act("accept", row, "bob").json == ACCEPTED

    def test_works_for_a_project_that_was_softly_deleted(self, call: Driver) -> None:
        row = call.fake.invite("bob@example.com")
        call.fake.remove_project("apollo")

        assert call.act("check", row, None).status == 200
        assert call.act("accept", row, "bob").json == ACCEPTED

    def test_replaces_the_email_on_7_0_7_only(self, call: Driver) -> None:
        row = call.fake.invite("new@example.com")

        call.act("accept", row, "bob", {"replace_email": True})

        changed = call.fake.version == "7.0.7"
        assert call.fake.users["bob"].email == ("new@example.com" if changed else "bob@example.com")

    def test_refuses_other_media_types(self, call: Driver) -> None:
        row = call.fake.invite("bob@example.com")

        answer = call("POST", f"{row.uuid}/accept/", "bob", body=b"x", headers={"Content-Type": "text/plain"})

        assert (answer.status, answer.json) == (415, {"detail": 'Unsupported media type "text/plain" in request.'})
        assert call.fake.invitation(row).state == "pending"

    def test_keeps_to_the_patterns_of_the_scope(self, newest: Driver) -> None:
        newest.fake.add_project("Lab", email_patterns=[r".*@lab\.example"])

        assert newest.act("accept", newest.fake.invite("a@lab.example", scope="lab"), "bob").status == 400


class TestCancel:
    @pytest.mark.parametrize("state", ["pending", "project"])
    @pytest.mark.parametrize("user", ["staff", "owner", "manager"])
    def test_is_for_those_who_may_invite(self, call: Driver, state: str, user: str) -> None:
        row = call.fake.invite("new@example.com", state=state)

        assert call.act("cancel", row, user).json == CANCELED
        assert call.fake.invitation(row).state == "canceled"
        assert call.fake.effects == {"canceled": 1}

    def test_the_invitee_may_not(self) -> None:
        call = driver("2026")

        assert call.act("cancel", call.fake.invite("bob@example.com"), "bob").json == NOT_FOUND


class TestSend:
    def test_mails_a_pending_one_again(self, call: Driver) -> None:
        row = call.fake.invite("new@example.com")
        call.fake.clock.advance(days=1)

        assert call.act("send", row).json == SENT
        assert call.fake.invitation(row).created == row.created
        assert call.fake.effects == {"resent": 1, "mailed": 1}
        assert call.fake.outbox[0].link == f"https://waldur.example/invitation/{row.uuid}/"

    @pytest.mark.parametrize("state", ["canceled", "expired"])
    def test_revives_a_settled_one(self, call: Driver, state: str) -> None:
        row = call.fake.invite("new@example.com", state=state)
        now = call.fake.clock.advance(days=30)

        assert call.act("send", row).json == SENT
        revived = call.fake.invitation(row)
        assert (revived.state, revived.created, revived.expires) == ("pending", now, now + timedelta(days=7))

    @pytest.mark.parametrize("before", ["canceled", "expired", "pending"])
    @pytest.mark.parametrize(("version", "state", "mails"), [("2025", "pending", 1), ("2026", "project", 0)])
    def test_2026_waits_for_the_project(self, version: str, state: str, mails: int, before: str) -> None:
        call = driver(version)
        call.fake.set_start_date("apollo", date(2026, 2, 1))
        row = call.fake.invite("new@example.com", state=before)

        assert call.act("send", row).json == SENT
        assert call.fake.invitation(row).state == state
        assert len(call.fake.outbox) == mails


class TestDetails:
    def test_hides_one_with_another_civil_number(self, call: Driver) -> None:
        row = call.fake.invite("new@example.com", civil_number="EE1")

        assert call.act("details", row, "bob").json == HIDDEN
        assert call.act("details", row, "manager").status == 200

    @pytest.mark.parametrize("state", SETTLED)
    def test_hides_settled_ones_from_strangers(self, call: Driver, state: str) -> None:
        row = call.fake.invite("new@example.com", state=state)
        shown = call.fake.version == "2026" and state in ("canceled", "expired")

        assert call.act("details", row, "bob").status == (200 if shown else 404)
        assert call.act("details", row, "owner").status == (200 if shown else 404)
        assert call.act("details", row, "manager").status == 200
        assert call.act("details", row, "support").status == 200


class TestDelete:
    @pytest.mark.parametrize("version", ["2025", "2026"])
    def test_the_verb_is_for_managers_later(self, version: str) -> None:
        call = driver(version)
        row = call.fake.invite("new@example.com", state="accepted")

        assert call("DELETE", f"{row.uuid}/", "support").json == NOT_FOUND
        assert call("DELETE", f"{row.uuid}/", "bob").json == HIDDEN
        answer = call("DELETE", f"{row.uuid}/")
        assert (answer.status, answer.body) == (204, b"")
        assert "Content-Type" not in answer.headers
        assert call("DELETE", f"{row.uuid}/").json == HIDDEN

    @pytest.mark.parametrize("action", ["accept", "cancel", "check", "details", "send", "delete"])
    def test_the_verb_on_an_action_deletes_too(self, call: Driver, action: str) -> None:
        row = call.fake.invite("new@example.com")

        assert call("DELETE", f"{row.uuid}/{action}/").json == FORBIDDEN
        assert call("DELETE", f"{row.uuid}/{action}/", None).json == ANONYMOUS
        assert call("DELETE", f"{row.uuid}/{action}/", "staff").json == DELETED
        assert call.fake.invitations == []
        assert call.fake.effects == {"deleted": 1}

    @pytest.mark.parametrize("path", ["", "approve/", "reject/"])
    def test_the_verb_without_an_id_crashes_the_server(self, call: Driver, path: str) -> None:
        call.fake.invite("new@example.com")

        answer = call("DELETE", path, "staff")

        assert answer.status == 500
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert len(call.fake.invitations) == 1


@pytest.mark.parametrize("version", ["2025", "2026"])
class TestUpdate:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_answers_two_fields(self, version: str, method: str) -> None:
        call = driver(version)
        row = call.fake.invite("old@example.com")
        admin = call.fake.roles["PROJECT.ADMIN"].uuid

        answer = call(method, f"{row.uuid}/", data={"email": " new@example.com ", "role": admin, "state": "accepted"})

        assert (answer.status, answer.json) == (200, {"email": "new@example.com", "role": admin})
        assert call("GET", "?email=new").emails == ["new@example.com"]
        assert call("GET").json[0]["state"] == "pending"
        assert call.fake.effects == {"updated": 1}

    @pytest.mark.parametrize(
        ("method", "data", "status", "body"),
        [
            ("PATCH", {}, 200, None),
            ("PUT", {}, 400, {"email": ["This field is required."]}),
            ("PATCH", {"email": "bad"}, 400, {"email": ["Enter a valid email address."]}),
            ("PATCH", {"role": None}, 400, {"role": ["This field may not be null."]}),
            ("PATCH", {"role": UNKNOWN}, 400, {"role": [f"Object with uuid={UNKNOWN} does not exist."]}),
            (
                "PATCH",
                {"role": "CUSTOMER.OWNER"},
                400,
                {"role": ["Role and scope should belong to the same content type."]},
            ),
            ("PATCH", [], 400, {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ],
    )
    def test_checks_its_fields(
        self, version: str, method: str, data: dict[str, object], status: int, body: object
    ) -> None:
        call = driver(version)
        row = call.fake.invite("old@example.com")
        if data and data.get("role") == "CUSTOMER.OWNER":
            data = {"role": call.fake.roles["CUSTOMER.OWNER"].uuid}

        answer = call(method, f"{row.uuid}/", data=data)

        assert answer.status == status
        assert body is None or answer.json == body

    @pytest.mark.parametrize("state", SETTLED)
    def test_refuses_a_settled_one(self, version: str, state: str) -> None:
        call = driver(version)
        row = call.fake.invite("old@example.com", state=state)

        answer = call("PATCH", f"{row.uuid}/", data={"email": "new@example.com"})

        assert (answer.status, answer.json) == (
            400,
            {"non_field_errors": ["Only pending invitations can be edited."]},
        )

    def test_is_for_those_who_may_invite(self, version: str) -> None:
        call = driver(version)
        row = call.fake.invite("old@example.com")

        assert call("PATCH", f"{row.uuid}/", "support", {}).json == NOT_FOUND
        assert call("PATCH", f"{row.uuid}/", "support", {"email": "bad"}).status == 400
        assert call("PATCH", f"{row.uuid}/", "bob", {}).json == HIDDEN


class TestApproval:
    @pytest.fixture
    def asked(self, call: Driver) -> Driver:
        call.fake.configure(only_staff_can_invite=True)
        assert call.create().json["state"] == "requested"
        return call

    def test_staff_are_not_asked(self, asked: Driver) -> None:
        assert asked.create("staff", email="b@example.com").json["state"] == "pending"

    def test_a_project_that_starts_later_comes_first(self, asked: Driver) -> None:
        asked.fake.set_start_date("apollo", date(2026, 2, 1))

        assert asked.create(email="b@example.com").json["state"] == "project"

    def test_asks_active_staff_by_mail(self, asked: Driver) -> None:
        fake = asked.fake

        (mail,) = fake.outbox

        payload = f"{fake.users['staff'].uuid}.{fake.invitations[0].uuid}"
        assert (mail.to, mail.kind) == ("staff@example.com", "approval")
        assert mail.link.startswith(f"https://waldur.example/invitation_approve/{payload}:")
        assert fake.invitations[0].execution_state == "Scheduled"

    @pytest.mark.parametrize(
        ("action", "text", "state", "mails"),
        [("approve", "approved", "pending", 2), ("reject", "rejected", "rejected", 1)],
    )
    def test_takes_the_token_of_the_mail_once(
        self, asked: Driver, action: str, text: str, state: str, mails: int
    ) -> None:
        token = asked.fake.outbox[0].link.split("/")[-2]

        first = asked("POST", f"{action}/", None, {"token": token})
        again = asked("POST", f"{action}/", None, {"token": token})

        assert (first.status, first.json) == (200, {"detail": f"Invitation has been {text}."})
        assert (again.status, again.json) == (400, ["Invalid invitation UUID."])
        assert asked.fake.invitations[0].state == state
        assert len(asked.fake.outbox) == mails
        assert asked.fake.effects[text] == 1

    def test_needs_active_staff(self, asked: Driver) -> None:
        token = asked.fake.approval_token(asked.fake.invitations[0])
        asked.fake.update_user("staff", is_active=False)

        assert asked("POST", "approve/", None, {"token": token}).json == ["Invalid user UUID."]

    def test_tokens_last_for_ever_unless_told_otherwise(self, asked: Driver) -> None:
        token = asked.fake.approval_token(asked.fake.invitations[0])
        asked.fake.clock.advance(days=400)

        asked.fake.configure(approval_max_age=timedelta(days=1))
        assert asked("POST", "approve/", None, {"token": token}).json == ["Invalid signature."]
        asked.fake.configure(approval_max_age=None)
        assert asked("POST", "approve/", None, {"token": token}).status == 200

    @pytest.mark.parametrize("data", [{"token": 5}, {"token": ["x"]}, [1]])
    def test_crashes_on_what_is_no_text(self, call: Driver, data: object) -> None:
        assert call("POST", "approve/", None, data).status == 500
