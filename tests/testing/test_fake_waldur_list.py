"""The list of a fake Waldur: pages, ordering, filters, and who sees what.

What the recorded server answered, and its age does not change, is not told again here: test_fake_waldur_recorded.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.testing.waldur_driver import HIDDEN, VERSIONS, Driver, driver

URL = "https://waldur.example/api/user-invitations/"


def filled(version: str = "2026", count: int = 15) -> Driver:
    call = driver(version)
    for number in range(count):
        call.fake.invite(f"n{number:02}@example.com")
    return call


def test_links_are_built_from_the_host_header() -> None:
    answer = filled()("GET", headers={"Host": "inside.example:8000"})

    assert '<https://inside.example:8000/api/user-invitations/?page=2>; rel="next"' in answer.headers["Link"]
    assert answer.json[0]["url"].startswith("https://inside.example:8000/")


@pytest.mark.parametrize("page", ["0", "-1", "3", "999", "abc", "1.0"])
def test_a_page_that_is_not_there_is_404(page: str) -> None:
    answer = filled()("GET", f"?page={page}")

    assert (answer.status, answer.json) == (404, {"detail": "Invalid page."})


def test_a_page_holds_300_at_most_while_the_link_says_what_was_asked() -> None:
    answer = filled(count=301)("GET", "?page_size=1000")

    assert len(answer.json) == 300
    assert f'<{URL}?page=2&page_size=1000>; rel="next"' in answer.headers["Link"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("query", "emails"),
    [
        ("o=email", ["Zoe@example.com", "ann@example.com", "bob@example.com", "cleo@example.com"]),
        ("o=-email", ["cleo@example.com", "bob@example.com", "ann@example.com", "Zoe@example.com"]),
        ("o=created", ["cleo@example.com", "Zoe@example.com", "bob@example.com", "ann@example.com"]),
        ("o=-created", ["ann@example.com", "bob@example.com", "Zoe@example.com", "cleo@example.com"]),
        ("o=state,-email", ["Zoe@example.com", "bob@example.com", "cleo@example.com", "ann@example.com"]),
        ("o=state&o=-email", ["cleo@example.com", "bob@example.com", "ann@example.com", "Zoe@example.com"]),
        ("o=", ["ann@example.com", "bob@example.com", "Zoe@example.com", "cleo@example.com"]),
    ],
)
def test_ordering(version: str, query: str, emails: list[str]) -> None:
    call = driver(version)
    for email, state in (("cleo", "expired"), ("Zoe", "accepted"), ("bob", "canceled"), ("ann", "pending")):
        call.fake.invite(f"{email}@example.com", state=state)

    assert call("GET", f"?{query}").emails == emails


@pytest.mark.parametrize(
    ("version", "key", "allowed"),
    [
        ("7.0.7", "created_by", False),
        ("2025", "created_by", True),
        ("2026", "-created_by", True),
    ],
)
def test_ordering_keys(version: str, key: str, allowed: bool) -> None:
    answer = filled(version)("GET", f"?o={key}")

    if allowed:
        assert answer.status == 200
    else:
        text = f"Select a valid choice. {key} is not one of the available choices."
        assert (answer.status, answer.json) == (400, {"o": [text]})


def test_ordering_by_inviter_goes_by_their_full_name(newest: Driver) -> None:
    for inviter in ("staff", "manager", "owner"):
        newest.fake.invite(f"{inviter}@example.com", by=inviter)

    assert newest("GET", "?o=created_by").emails == ["manager@example.com", "owner@example.com", "staff@example.com"]


def test_2026_breaks_ties_by_the_primary_key() -> None:
    assert filled("2026", 3)("GET", "?o=state").emails == ["n00@example.com", "n01@example.com", "n02@example.com"]


def test_older_servers_may_repeat_and_skip_rows_of_equal_keys() -> None:
    call = filled("2025", 4)
    call.fake.configure(shuffle_ties=True)

    first, second = call("GET", "?o=state&page_size=2").emails, call("GET", "?o=state&page_size=2&page=2").emails

    assert first == ["n03@example.com", "n02@example.com"]
    assert second == ["n02@example.com", "n03@example.com"]


def test_pages_follow_changes() -> None:
    call = filled(count=3)
    assert call("GET", "?state=pending").headers["X-Result-Count"] == "3"

    call.act("cancel", call.fake.invitations[0])

    assert call("GET", "?state=pending").headers["X-Result-Count"] == "2"


@pytest.fixture(params=VERSIONS)
def mixed(request: pytest.FixtureRequest) -> Driver:
    call = driver(request.param)
    fake = call.fake
    fake.invite("ann@example.com", role="PROJECT.ADMIN", civil_number="EE1")
    fake.invite("Ann.Other@example.com", state="canceled")
    fake.invite("boss@example.com", role="CUSTOMER.OWNER", scope="acme", by="staff")
    fake.invite("cleo@example.com", scope="beta", state="expired")
    return call


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("email=%20ann%20", ["Ann.Other", "ann"]),
        ("email=%40", ["cleo", "boss", "Ann.Other", "ann"]),
        ("scope_type=customer", ["boss"]),
        ("scope_type=project&state=pending", ["ann"]),
        ("scope_type=offering", []),
        ("state=canceled&state=expired", ["cleo", "Ann.Other"]),
        ("customer_uuid=", ["cleo", "boss", "Ann.Other", "ann"]),
    ],
)
def test_filters_of_every_version(mixed: Driver, query: str, names: list[str]) -> None:
    answer = mixed("GET", f"?{query}", "staff")

    assert [email.partition("@")[0] for email in answer.emails] == names


def test_filters_by_reference(mixed: Driver) -> None:
    fake = mixed.fake

    assert mixed("GET", f"?role_uuid={fake.roles['PROJECT.ADMIN'].uuid.upper()}", "staff").emails == ["ann@example.com"]
    assert len(mixed("GET", f"?customer_uuid={fake.customers['acme'].uuid}", "staff").json) == 4
    assert mixed("GET", f"?scope={fake.scope_url('acme')}", "staff").emails == ["boss@example.com"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("email_exact=ANN@example.com", ["ann"]),
        ("email_exact=ann", []),
        ("scope_name=apol", ["Ann.Other", "ann"]),
        ("scope_description=MOON", ["Ann.Other", "ann"]),
    ],
)
def test_filters_that_old_servers_ignore(mixed: Driver, query: str, names: list[str]) -> None:
    if mixed.fake.version == "7.0.7":
        names = ["cleo", "boss", "Ann.Other", "ann"]

    assert [email.partition("@")[0] for email in mixed("GET", f"?{query}", "staff").emails] == names


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("state=", {"state": ["Select a valid choice.  is not one of the available choices."]}),
        (
            "customer_uuid=nope&role_uuid=nope",
            {"customer_uuid": ["Enter a valid UUID."], "role_uuid": ["Enter a valid UUID."]},
        ),
        ("email=%00", {"email": ["Null characters are not allowed."]}),
    ],
)
def test_filters_that_are_refused(mixed: Driver, query: str, body: object) -> None:
    answer = mixed("GET", f"?{query}", "staff")

    assert (answer.status, answer.json) == (400, body)


@pytest.mark.parametrize(
    ("scope_type", "since"),
    [
        *((word, "7.0.7") for word in ("customer", "project", "offering", "call", "proposal")),
        *((word, "2025") for word in ("service_provider", "call_organizer")),
        *((word, "2026") for word in ("resource", "resource_project")),
    ],
)
def test_each_age_of_the_server_has_its_own_scope_types(scope_type: str, since: str) -> None:
    statuses = [driver(age)("GET", f"?scope_type={scope_type}", "staff").status for age in VERSIONS]

    older = VERSIONS.index(since)
    assert statuses == [500] * older + [200] * (3 - older)


@pytest.mark.parametrize(
    ("user", "names"),
    [
        ("staff", ["cleo", "boss", "Ann.Other", "ann"]),
        ("support", ["cleo", "boss", "Ann.Other", "ann"]),
        ("owner", ["cleo", "boss", "Ann.Other", "ann"]),
        ("manager", ["Ann.Other", "ann"]),
        ("bob", []),
        ("invitee", []),
    ],
)
def test_who_sees_what(mixed: Driver, user: str, names: list[str]) -> None:
    assert [email.partition("@")[0] for email in mixed("GET", "", user).emails] == names


@pytest.mark.parametrize(("version", "count"), [("7.0.7", 4), ("2025", 0), ("2026", 0)])
def test_on_newer_servers_a_role_without_the_permission_sees_nothing(version: str, count: int) -> None:
    call = filled(version, 4)
    call.fake.grant("bob", "CUSTOMER.MANAGER", "acme")

    assert len(call("GET", "", "bob").json) == count


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("state", "open_"), [("pending", True), ("project", True), ("requested", False), ("canceled", False)]
)
def test_2026_shows_invitees_their_own_open_invitations(version: str, state: str, open_: bool) -> None:
    call = driver(version)
    row = call.fake.invite("Invitee@example.com", state=state)

    listed, read = call("GET", "", "invitee"), call("GET", f"{row.uuid}/", "invitee")

    if version == "2026" and open_:
        assert listed.emails == ["Invitee@example.com"]
        assert read.status == 200
    else:
        assert listed.json == []
        assert (read.status, read.json) == (404, HIDDEN)


def test_a_deleted_inviter_takes_their_keys_along(mixed: Driver) -> None:
    mixed.fake.remove_user("owner")

    rows = mixed("GET", "", "staff").json

    assert [any(key.startswith("created_by") for key in row) for row in rows] == [False, True, False, False]


def test_a_scope_that_is_gone_takes_its_keys_along(mixed: Driver) -> None:
    mixed.fake.remove_project("beta", for_good=True)

    row = mixed("GET", "?email=cleo", "staff").json[0]

    assert "scope_uuid" not in row
    assert "scope_name" not in row
    assert row.get("scope_description", "") == ""
    assert row["scope_type"] == "project"
    assert row["customer_name"] == "Acme Org"


def test_a_softly_deleted_project_keeps_its_name(mixed: Driver) -> None:
    mixed.fake.remove_project("beta")

    assert mixed("GET", "?email=cleo", "staff").json[0]["scope_name"] == "Beta"
    assert mixed.create(scope=mixed.fake.scope_url("beta")).status == 400


def test_a_picture_is_absolute_here_and_relative_on_the_details_page(newest: Driver) -> None:
    newest.fake.update_user("owner", image="/media/owner.png")
    row = newest.fake.invite("new@example.com")

    assert newest("GET").json[0]["created_by_image"] == "https://waldur.example/media/owner.png"
    assert newest.act("details", row).json["created_by_image"] == "/media/owner.png"


def test_a_state_that_no_server_has_yet_is_shown_as_it_is(newest: Driver) -> None:
    newest.fake.set_state(newest.fake.invite("new@example.com"), "paused")

    assert newest("GET").json[0]["state"] == "paused"
    assert newest("GET", "?state=paused").status == 400


def test_an_invitation_of_a_chosen_time_is_listed_there() -> None:
    call = filled(count=2)
    call.fake.invite("old@example.com", created=datetime(2025, 1, 1, tzinfo=UTC))

    assert call("GET").emails == ["n01@example.com", "n00@example.com", "old@example.com"]
    assert call("GET").json[2]["expires"] == "2025-01-08T00:00:00+00:00"


@pytest.mark.parametrize(
    ("version", "expires"),
    [
        ("7.0.7", "2026-01-12T09:00:00Z"),
        ("2025", "2026-01-12T09:00:00+00:00"),
        ("2026", "2026-02-08T00:00:00+00:00"),
    ],
)
def test_a_project_that_starts_later_keeps_its_invitations_waiting(version: str, expires: str) -> None:
    call = driver(version)
    call.fake.set_start_date("apollo", date(2026, 2, 1))

    made = call.create()

    assert made.json["state"] == "project"
    assert made.json["expires"] == expires
    assert call.fake.outbox == []
