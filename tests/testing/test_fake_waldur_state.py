from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from invite_sdk.testing.waldur.fake import FakeWaldur
from invite_sdk.testing.waldur.model import WaldurInvitation, WaldurUser
from tests.testing.waldur_driver import VERSIONS, Driver, driver


def test_mails_go_out_once_the_response_is_made() -> None:
    call = driver(base_url="https://portal.example")

    made = call.create()

    (mail,) = call.fake.outbox
    assert made.json["execution_state"] == "Scheduled"
    assert (mail.to, mail.kind) == ("new@example.com", "invitation")
    assert mail.link == f"https://portal.example/invitation/{made.json['uuid']}/"
    assert mail.invitation_id == made.json["uuid"]
    assert call("GET").json[0]["execution_state"] == "OK"


def test_a_mail_has_what_the_inviter_wrote_also_after_a_dump() -> None:
    call = driver()
    call.create(extra_invitation_text="Welcome to the team")
    call.create(email="ben@example.com")
    assert [mail.message for mail in call.fake.outbox] == ["Welcome to the team", ""]

    other = FakeWaldur()
    other.load(call.fake.dump())

    assert [mail.message for mail in other.outbox] == ["Welcome to the team", ""]


def test_mails_can_be_held_back() -> None:
    call = driver(hold_mails=True)
    call.create()
    assert call("GET").json[0]["execution_state"] == "Scheduled"

    assert call.fake.process_mails() == 1

    assert call("GET").json[0]["execution_state"] == "OK"
    assert call.fake.process_mails() == 0
    assert len(call.fake.outbox) == 1


def test_a_failing_mail_does_not_fail_the_call() -> None:
    call = driver(mail_error="Connection refused")

    assert call.create().status == 201

    row = call("GET").json[0]
    assert (row["state"], row["execution_state"]) == ("pending", "Erred")
    assert row["error_message"] == "Connection refused"
    assert call.fake.outbox == []
    assert call.fake.process_mails() == 0


def test_a_failed_mail_is_sent_again_once_mail_works() -> None:
    call = driver(mail_error="Connection refused")
    call.create()
    call.fake.configure(mail_error=None)

    assert call.fake.process_mails() == 1

    row = call("GET").json[0]
    assert (row["execution_state"], row["error_message"]) == ("OK", "")


def test_no_mail_follows_a_deleted_invitation() -> None:
    call = driver(hold_mails=True)
    made = call.create()
    call("DELETE", f"{made.json['uuid']}/")

    assert call.fake.process_mails() == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_the_periodic_task_expires_what_is_due(version: str) -> None:
    fake = driver(version).fake
    states = ["pending", "project", "requested", "accepted", "canceled"]
    rows = [fake.invite(f"{state}@example.com", state=state) for state in states]

    fake.clock.advance(days=6)
    assert fake.expire_due() == 0
    fake.clock.advance(days=2)
    assert fake.expire_due() == 2

    assert [fake.invitation(row).state for row in rows] == ["expired", "expired", "requested", "accepted", "canceled"]


def test_a_lifetime_can_be_chosen() -> None:
    call = driver(lifetime=timedelta(days=30))

    assert call.create().json["expires"] == "2026-02-04T09:00:00+00:00"


def test_invitations_go_out_when_their_project_starts(call: Driver) -> None:
    call.fake.set_start_date("apollo", date(2026, 1, 8))
    call.create()

    assert call.fake.start_projects() == 0
    call.fake.clock.advance(days=3)
    assert call.fake.start_projects() == 1

    row = call("GET").json[0]
    assert (row["state"], row["execution_state"]) == ("pending", "OK")
    assert len(call.fake.outbox) == 1


def test_invitations_are_plain_records() -> None:
    fake = FakeWaldur()
    made = fake.invite("new@example.com", full_name="New Person", by="staff")

    assert fake.invitations == [made]
    assert (made.email, made.full_name, made.state) == ("new@example.com", "New Person", "pending")
    assert made.created_by == fake.users["staff"].uuid
    assert made.scope == fake.projects["apollo"].uuid
    assert fake.effects == {}
    assert fake.outbox == []


def test_an_invitation_without_an_inviter(newest: Driver) -> None:
    newest.fake.invite("new@example.com", by=None)

    assert "created_by_full_name" not in newest("GET").json[0]


@pytest.mark.parametrize("reference", ["owner", "uuid", "dashed", "record"])
def test_things_are_found_by_key_uuid_and_record(reference: str) -> None:
    fake = FakeWaldur()
    owner = fake.users["owner"]
    uuid = owner.uuid
    dashed = f"{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}"

    references: dict[str, str | WaldurUser] = {"owner": "owner", "uuid": uuid, "dashed": dashed, "record": owner}
    found = references[reference]

    assert fake.update_user(found, full_name="New Name").full_name == "New Name"
    assert fake.users["owner"].full_name == "New Name"


def test_a_key_can_be_used_once() -> None:
    with pytest.raises(ValueError, match="the project 'apollo' is there already"):
        FakeWaldur().add_project("Apollo")


def test_roles_can_be_added_and_taken_away(newest: Driver) -> None:
    newest.fake.add_role("PROJECT.GUEST", "project", permissions=["PROJECT.CREATE_PERMISSION"])
    newest.fake.grant("bob", "PROJECT.GUEST", "beta")

    assert newest.create("bob", scope=newest.fake.scope_url("beta")).status == 201
    newest.fake.revoke("bob", "PROJECT.GUEST", "beta")
    assert newest.create("bob", scope=newest.fake.scope_url("beta")).status == 400


@pytest.mark.parametrize("version", VERSIONS)
def test_the_whole_state_can_be_dumped_and_loaded(version: str) -> None:
    call = driver(version, only_staff_can_invite=True, lifetime=timedelta(days=30))
    call.fake.add_project("Lab", start_date=date(2026, 3, 1), email_patterns=["x"])
    call.fake.invite("a@example.com", by=None, state="paused")
    call.create()
    call.fake.clock.advance(hours=1)
    dump = json.loads(json.dumps(call.fake.dump()))

    copy = driver()
    copy.fake.load(dump)

    assert copy.fake.version == version
    assert copy.fake.settings == call.fake.settings
    assert copy.fake.users == call.fake.users
    assert copy.fake.projects == call.fake.projects
    assert copy.fake.invitations == call.fake.invitations
    assert copy.fake.outbox == call.fake.outbox
    assert copy.fake.effects == call.fake.effects
    assert copy.fake.clock.now() == call.fake.clock.now()
    assert copy.fake.requests == []
    token = copy.fake.outbox[0].link.split("/")[-2]
    assert copy("POST", "approve/", None, {"token": token}).status == 200
    assert copy("GET", "?page_size=1").status == 200
    assert copy.create(email="b@example.com").body == call.create(email="b@example.com").body


def test_every_time_of_a_state_moves_with_its_clock() -> None:
    call = driver()
    call.fake.add_project("Lab", start_date=date(2026, 3, 1), description="2026-01-05 is a day like any other")
    call.create(extra_invitation_text="Until 2026-01-12T09:00:00Z.")
    dump = json.loads(json.dumps(call.fake.dump()))
    later = call.fake.clock.now() + timedelta(days=400, hours=1)

    copy = driver().fake
    copy.load(dump, at=later)

    [then], [now] = call.fake.invitations, copy.invitations
    moved = timedelta(days=400, hours=1)
    assert copy.clock.now() == later
    assert (now.created, now.expires) == (then.created + moved, then.expires + moved)
    assert copy.outbox[0].sent_at == call.fake.outbox[0].sent_at + moved
    assert copy.projects["lab"].start_date == date(2027, 4, 5)
    assert copy.projects["lab"].description == call.fake.projects["lab"].description
    assert now.extra_invitation_text == then.extra_invitation_text


@pytest.mark.parametrize("at", [datetime(9998, 1, 1, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC)])
def test_a_state_does_not_move_to_where_no_fake_can_be(at: datetime) -> None:
    fake = FakeWaldur()
    fake.invite("a@example.com")
    before = fake.dump()

    with pytest.raises(ValueError, match="clock"):
        fake.load(before, at=at)

    assert fake.dump() == before


def test_a_dump_of_an_unknown_version_is_refused() -> None:
    fake = FakeWaldur()
    dump = fake.dump()
    world = dump["world"]
    assert isinstance(world, dict)

    with pytest.raises(ValueError, match="unknown version '5'"):
        fake.load({**dump, "world": {**world, "version": "5"}})


def test_a_page_of_the_default_order_touches_its_rows_only() -> None:
    """The cost of a page must not grow with the number of invitations."""
    call = driver()
    for number in range(3000):
        call.fake.invite(f"n{number}@example.com")
    touched: list[str] = []
    store = call.fake._world.invitations
    store._rows = Spy(store._rows, touched)

    answer = call("GET", "?page=150&page_size=20", "staff")

    assert answer.emails[0] == "n19@example.com"
    assert len(touched) == 20


class Spy(dict[str, WaldurInvitation]):
    def __init__(self, rows: dict[str, WaldurInvitation], touched: list[str]) -> None:
        super().__init__(rows)
        self._touched = touched

    def __getitem__(self, key: str) -> WaldurInvitation:
        self._touched.append(key)
        return super().__getitem__(key)
