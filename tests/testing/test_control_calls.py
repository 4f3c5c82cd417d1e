"""Whatever a test does to a fake in Python can be done to a served one over HTTP."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import httpx
import pytest

from invite_sdk.testing import (
    FakeCloudTruth,
    FakeEnhance,
    FakeRequest,
    FakeResponse,
    FakeService,
    FakeWaldur,
    FakeZenML,
    Fault,
)
from invite_sdk.testing.faults.kinds import KINDS
from invite_sdk.testing.ways.control import Control
from invite_sdk.testing.ways.control_calls import arguments_of, methods_of
from tests.testing.asking import FAKES, sign_in


def send(fake: FakeService, method: str, path: str, body: bytes | object = b"") -> FakeResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Control(fake).handle(FakeRequest(method, f"/_fake/{path}", (("Host", "localhost"),), content))


def do(fake: FakeService, name: str, /, **arguments: object) -> Any:
    answer = send(fake, "POST", f"do/{name}", arguments)
    assert answer.status in (200, 204), answer.body
    return json.loads(answer.body) if answer.body else None


def refused(fake: FakeService, method: str, path: str, body: bytes | object = b"") -> str:
    """What a 400 says."""
    answer = send(fake, method, path, body)
    assert answer.status == 400
    error: str = json.loads(answer.body)["error"]
    return error


# Each of what the fakes can do.


def test_a_waldur_invites_ages_and_expires() -> None:
    fake = FakeWaldur()
    made = do(fake, "invite", email="ana@example.com", scope="beta", full_name="Ana", created="2026-01-01T00:00:00")
    later = do(fake, "invite", email="ben@example.com", by=None)

    assert made == send_state(fake)["invitations"][0]
    assert made["created"] == "2026-01-01T00:00:00Z"
    do(fake, "age", invitation=later["uuid"], by="P8D")
    assert do(fake, "expire_due") == 1
    assert [row.state for row in fake.invitations] == ["expired", "pending"]
    assert do(fake, "set_state", invitation=made["uuid"], state="accepted")["state"] == "accepted"


def send_state(fake: FakeService) -> Any:
    return json.loads(send(fake, "GET", "state").body)["world"]


def test_a_waldur_is_configured_and_its_people_and_projects_change() -> None:
    fake = FakeWaldur()
    do(fake, "configure", only_staff_can_invite=True, lifetime="P1D", allowed_fields=["civil_number"])
    do(fake, "add_role", name="PROJECT.GUEST", content_type="project", permissions=["PROJECT.CREATE_PERMISSION"])
    do(fake, "add_project", name="Gamma", start_date="2030-01-01", email_patterns=[".*@example.com"])
    do(fake, "grant", user="bob", role="PROJECT.GUEST", scope="gamma")
    do(fake, "update_user", user="bob", is_active=False)

    assert fake.settings.only_staff_can_invite
    assert fake.settings.lifetime.days == 1
    assert fake.projects["gamma"].email_patterns == (".*@example.com",)
    assert not fake.users["bob"].is_active
    assert do(fake, "scope_url", scope="gamma") == fake.scope_url("gamma")


def test_a_cloudtruth_delivers_and_bounces() -> None:
    fake = FakeCloudTruth()
    ids = [do(fake, "invite", email=f"{name}@example.com")["id"] for name in ("ana", "ben", "cleo")]

    assert do(fake, "deliver", invitation_id=ids[0].replace("-", "").upper()) == 1
    assert do(fake, "deliver") == 2
    assert do(fake, "bounce", invitation_id=ids[2], reason="full")["state_detail"] == "full"
    assert [row.state for row in fake.invitations] == ["sent", "sent", "bounced"]


def test_a_zenml_invites_which_its_own_api_cannot() -> None:
    fake = FakeZenML()
    made = do(fake, "invite", email="ben@example.com", organization="Globex", expires="2027-01-01T00:00:00Z")
    do(fake, "withdraw", invitation_id=made["id"])
    do(fake, "throttle", times=10**15, retry_after=None)

    assert fake.invitations[-1].state == "withdrawn"
    assert fake.handle(FakeRequest("GET", "/invitations")).status == 429


def test_an_enhance_panel_invites_and_withdraws() -> None:
    fake = FakeEnhance()
    made = do(fake, "invite", email="ana@example.com", roles=["SiteAccess", "Support"])

    assert do(fake, "link", invitation=made["id"]) == fake.outbox[0].link
    assert do(fake, "link", invitation=made) == fake.outbox[0].link
    assert do(fake, "withdraw", invitation_id=made["id"])["state"] == "withdrawn"


@pytest.mark.parametrize("build", FAKES)
def test_every_method_that_a_fake_adds_is_listed_and_can_be_called(build: type[FakeService]) -> None:
    fake = build()
    shared = set(dir(FakeService))
    own = {
        name for name in dir(fake) if name[0] != "_" and name not in shared and inspect.ismethod(getattr(fake, name))
    }
    listed = json.loads(send(fake, "GET", "do").body)

    assert {name.partition("(")[0] for name in listed} == own
    assert all(listed.values())
    for name in own:
        # Whatever each needs: that it is missing, or that the call worked. Nothing that no JSON could say.
        assert send(fake, "POST", f"do/{name}").status in (200, 204, 400)


@pytest.mark.parametrize("build", FAKES)
@pytest.mark.parametrize(
    "name", ["serve", "transport", "load", "handle", "respond", "_put", "__init__", "faults", "users"]
)
def test_nothing_else_can_be_called(build: type[FakeService], name: str) -> None:
    assert f"no '{name}'; there are " in refused(build(), "POST", f"do/{name}")


# What is wrong is said.

WRONG: list[tuple[str, dict[str, object], str]] = [
    ("invite", {}, "missing: email"),
    ("invite", {"email": 5}, "email: Input should be a valid string"),
    ("invite", {"email": "a@example.com", "mail": 1, "x": 2}, "unknown: mail, x; there are: email, role"),
    ("invite", {"email": "a@example.com", "role": "NOPE"}, "no role 'NOPE'; there are CUSTOMER.OWNER"),
    ("invite", {"email": "a@example.com", "created": "soon"}, "created: Input should be a valid datetime"),
    (
        "invite",
        {"email": "a@example.com", "created": "9999-12-31T00:00:00Z"},
        "created: 9999-12-31T00:00:00+00:00 is out of the years 1000 to 8999",
    ),
    ("age", {"invitation": "nobody", "by": "P1D"}, "no invitation 'nobody'"),
    ("age", {"invitation": "nobody", "by": "long"}, "by: Input should be a valid duration"),
    ("age", {"invitation": "nobody", "by": "Infinity"}, "by: "),
    ("add_role", {"name": "X", "content_type": "project", "permissions": "abc"}, "permissions: "),
    ("configure", {"allowed_fields": "full_name"}, "allowed_fields: "),
    ("configure", {"allowed_fields": ["shoe_size"]}, "allowed_fields has unknown fields: shoe_size"),
    ("configure", {"shoe_size": 5}, "unknown: shoe_size; there are: "),
    ("add_project", {"name": "X", "email_patterns": ["("]}, "email_patterns: '(' is no regular expression"),
    ("add_user", {"username": "bob"}, "the user 'bob' is there already"),
]


@pytest.mark.parametrize(("name", "arguments", "said"), WRONG, ids=[said for _, _, said in WRONG])
def test_wrong_arguments_are_a_400_in_words(name: str, arguments: dict[str, object], said: str) -> None:
    assert said in refused(FakeWaldur(), "POST", f"do/{name}", arguments)


@pytest.mark.parametrize(
    ("build", "name", "arguments", "said"),
    [
        (FakeCloudTruth, "bounce", {"invitation_id": "x"}, "no invitation 'x'"),
        (FakeCloudTruth, "deliver", {"invitation_id": "x"}, "no invitation 'x'"),
        (FakeCloudTruth, "invite", {"email": "a@example.com", "by": "nobody"}, "no user 'nobody'; there are owner"),
        (FakeCloudTruth, "invite", {"email": "a@example.com", "by": "nina"}, "nina belongs to no organization"),
        (FakeCloudTruth, "mint_jwt", {"name": "nobody"}, "no user 'nobody'"),
        (
            FakeCloudTruth,
            "add_service_account",
            {"name": "x", "organization": "X", "role": "OWNER"},
            "no organization 'X'; there are Acme, Globex",
        ),
        (FakeZenML, "withdraw", {"invitation_id": "x"}, "no invitation 'x'"),
        (FakeZenML, "complete", {"invitation_id": "x"}, "no invitation 'x'"),
        (FakeZenML, "invite", {"email": "a@example.com", "by": "nobody"}, "no user 'nobody'"),
        (FakeZenML, "invite", {"email": "a@example.com", "organization": "X"}, "no organization 'X'; there are Acme"),
        (FakeZenML, "add_organization", {"name": "X", "members": ["nobody"]}, "no user 'nobody'"),
        (FakeEnhance, "withdraw", {"invitation_id": "x"}, "no invite 'x'"),
        (FakeEnhance, "link", {"invitation": "x"}, "no invite 'x'"),
        (FakeEnhance, "invite", {"email": "a@example.com", "org": "X"}, "no organization 'X'; there are Hosting"),
    ],
)
def test_what_is_not_there_is_named(build: Any, name: str, arguments: dict[str, object], said: str) -> None:
    fake = build()
    before = dict(fake.effects)

    assert refused(fake, "POST", f"do/{name}", arguments).startswith(said)
    assert dict(fake.effects) == before


def test_a_zenml_invitation_of_a_stranger_cannot_be_completed() -> None:
    fake = FakeZenML()
    made = fake.invite("nobody@example.com")

    said = refused(fake, "POST", "do/complete", {"invitation_id": made.id})
    assert said == "no user has the address nobody@example.com"


BODIES = [
    b"[]",
    b'"x"',
    b"null",
    b"{",
    b"\xff",
    b'{"email": NaN}',
    b'{"email": 1e999}',
    b'{"email": "\\ud800@example.com"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
]


@pytest.mark.parametrize("path", ["do/invite", "clock", "faults", "state"])
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_object_is_a_400(path: str, body: bytes) -> None:
    fake = FakeWaldur()
    before = fake.dump()

    assert refused(fake, "PUT" if path == "state" else "POST", path, body)
    assert fake.dump() == before


def test_a_byte_order_mark_before_the_body_is_no_matter() -> None:
    assert send(FakeWaldur(), "POST", "do/invite", b'\xef\xbb\xbf{"email": "ana@example.com"}').status == 200


@pytest.mark.parametrize(
    "step",
    [
        {"days": "Infinity"},
        {"days": "-inf"},
        {"days": "nan"},
        {"seconds": 1e300},
        {"days": 10**30},
        {"days": 3_000_000},
        {"days": -3_000_000},
        {"days": None},
        {"weeks": 1},
        {"days": True, "weeks": 1},
        {"days": [8]},
        {"days": "soon"},
    ],
)
def test_the_clock_takes_no_step_out_of_time(step: dict[str, object]) -> None:
    fake = FakeWaldur()
    before = fake.clock.now()

    assert refused(fake, "POST", "clock", step)
    assert fake.clock.now() == before


@pytest.mark.parametrize("days", [float("inf"), float("nan"), 1e12, "8", None])
def test_the_clock_says_so_in_python_too(days: float) -> None:
    with pytest.raises(ValueError, match="stays within the years 1000 to 8999"):
        FakeWaldur().clock.advance(days=days)


JSON_VALUES: dict[str, object] = {
    "null": None,
    "bool": True,
    "int": 5,
    "huge": 10**400,
    "text": "Infinity",
    "array": [[[]]],
    "object": {"a": {"b": []}},
}
TAKEN = {
    str: {"text"},
    bool: {"bool"},
    int: {"int", "huge"},
    float: {"int"},
    datetime: set[str](),
    date: set[str](),
    timedelta: set[str](),
    type(None): {"null"},
}
"""Which of them the hints of a call leave open. A time is none of them, and neither is a record."""


def taken(hint: Any) -> set[str]:
    if get_origin(hint) in (Union, UnionType):
        return set().union(*map(taken, get_args(hint)))
    return TAKEN.get(hint, set())


@pytest.mark.parametrize("build", FAKES)
def test_a_wrong_argument_of_any_call_is_a_400_that_names_it_and_changes_nothing(build: type[FakeService]) -> None:
    fake = build()
    control = Control(fake)
    before = fake.dump()
    turns = cycle(JSON_VALUES.items())
    calls: list[tuple[str, str, dict[str, object], str, bool]] = []
    for name, method in methods_of(fake).items():
        hints, needed = arguments_of(method)
        for argument, hint in hints.items():
            # Four of them, in turn: reading hints takes long.
            for kind, value in [next(turns) for _ in range(4)]:
                given = {**dict.fromkeys(needed, "nothing"), argument: value}
                others = [other for other in needed if other != argument and "text" not in taken(hints[other])]
                if not others:
                    calls.append(("POST", f"do/{name}", given, argument, kind in taken(hint)))
        calls.append(("POST", f"do/{name}", {"no_argument": 1}, "no_argument", False))
    for argument in ("days", "hours", "minutes", "seconds"):
        calls += [("POST", "clock", {argument: value}, argument, kind == "int") for kind, value in JSON_VALUES.items()]
    for argument in (*before, "wrold"):
        open_ones = {"effects": {"object"}, "outbox": set[str](), "clock": {"int"}}.get(argument, set[str]())
        for kind, value in JSON_VALUES.items():
            calls.append(("PUT", "state", {**before, argument: value}, argument, kind in open_ones))
    for verb, path, given, argument, may_work in calls:
        asked = FakeRequest(verb, f"/_fake/{path}", (("Host", "localhost"),), json.dumps(given).encode())
        answer = control.handle(asked)
        where = f"{verb} {path} {argument}={str(given[argument])[:40]}"
        assert answer.status in ({200, 204, 400} if may_work else {400}), where
        if answer.status != 400:
            before = fake.dump()
            continue
        assert may_work or argument in json.loads(answer.body)["error"], (where, answer.body)
        assert fake.dump() == before, where


def test_a_wrong_order_of_faults_is_a_400_that_names_what_is_wrong() -> None:
    fake = FakeWaldur()
    right: dict[str, set[str]] = {"nth": {"null", "int", "huge"}, "times": {"null", "int", "huge"}, "on": {"null"}}
    for argument, kinds in {**right, "fault": set[str]()}.items():
        for kind in JSON_VALUES.keys() - kinds:
            said = refused(fake, "POST", "faults", {"fault": "html", argument: JSON_VALUES[kind]})
            assert argument in said or f"no operation {JSON_VALUES[kind]!r}" in said or argument == "fault"
    for argument, kinds in {**right, "seed": {"int", "huge"}, "rate": set[str](), "faults": set[str]()}.items():
        for kind in JSON_VALUES.keys() - kinds - {"null", "int"}:
            refused(fake, "POST", "faults", {"faults": ["html"], "rate": 0.5, argument: JSON_VALUES[kind]})
    for name in KINDS:
        for argument, parameter in inspect.signature(getattr(Fault, name)).parameters.items():
            for kind, value in JSON_VALUES.items():
                # A body may be anything, and a text any; what else there is takes a number or a truth.
                if argument == "body" or ("str" in parameter.annotation and kind in ("text", "null")):
                    continue
                answer = send(fake, "POST", "faults", {"fault": {"kind": name, argument: value}})
                fits = {"int": {"int"}, "float": {"int"}, "bool": {"bool"}, "None": {"null"}}
                allowed = set().union(*(kinds for word, kinds in fits.items() if word in parameter.annotation))
                if answer.status != 200:
                    assert answer.status == 400
                    assert argument in json.loads(answer.body)["error"]
                else:
                    assert kind in allowed, (name, argument, kind)
    fake.faults.clear()
    refused(fake, "POST", "faults", {"rate": 0.5, "faults": ["html"], "times": 0})
    assert fake.faults.planned == ()


def test_a_plan_for_ever_so_many_requests_costs_nothing_to_show() -> None:
    fake = FakeWaldur()
    send(fake, "POST", "faults", {"fault": "html", "nth": [7, 1, 2, 2], "times": 3})
    send(fake, "POST", "faults", {"fault": "html", "nth": [1, 5], "times": 10**15})

    assert [plan.left for plan in fake.faults.planned] == [4 + 3, 10**15 + 4]
    assert len(json.loads(send(fake, "GET", "faults").body)["unused"]) == 2


@pytest.mark.parametrize("target", ["http://[", "http://[/_fake/clock", "//[/_fake/clock"])
def test_a_target_that_is_no_url_is_not_for_the_control_paths(target: str) -> None:
    assert not Control.takes(FakeRequest("GET", target, (("Host", "localhost"),)))


@pytest.mark.parametrize("build", FAKES)
def test_invitations_work_at_the_end_of_time(build: type[FakeService]) -> None:
    fake = build()
    fake.clock.advance(days=365.2425 * (8999 - fake.clock.now().year))

    assert send(fake, "POST", "do/invite", {"email": "ana@example.com"}).status == 200
    targets = ("/api/user-invitations/", "/api/v1/invitations/", "/invitations", "/api/invites/x/validate")
    target = targets[FAKES.index(build)]
    method = "POST" if target.endswith("validate") else "GET"
    assert fake.handle(FakeRequest(method, target, (sign_in(fake),))).status == 200


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "clock_skew", "seconds": 1e300},
        {"kind": "slow_headers", "seconds": 1e300},
        {"kind": "retry_after", "after": 1e300, "form": "date"},
        {"kind": "status", "status": 503, "headers": {"X": "a\r\nb"}},
        {"kind": "status", "status": 503, "headers": {"X": "日"}},
        {"kind": "wrong_content_type", "content_type": "text/plain\n"},
        {"kind": "redirect", "to": "https://日.example"},
        {"kind": "clock_skew"},
        5,
        None,
    ],
)
def test_a_fault_that_could_not_happen_is_not_planned(fault: object) -> None:
    fake = FakeWaldur()

    assert send(fake, "POST", "faults", {"fault": fault}).status == 400
    assert fake.faults.planned == ()


@pytest.mark.parametrize(
    "state",
    [
        {"clock": "never"},
        {"clock": None},
        {"random": [3, [1, 2], None]},
        {"outbox": 5},
        {"effects": {"created": "many"}},
        {"world": 5},
        {"service": "zenml"},
    ],
)
@pytest.mark.parametrize("build", FAKES[:2])
def test_a_state_that_cannot_be_read_changes_nothing(build: type[FakeService], state: dict[str, object]) -> None:
    fake = build()
    other = build(seed=1)
    before = fake.dump()

    assert "pydantic" not in refused(fake, "PUT", "state", {**other.dump(), **state})
    assert fake.dump() == before


def test_a_time_without_an_offset_is_in_utc() -> None:
    fake = FakeWaldur()
    send(fake, "PUT", "state", {"clock": "2026-05-01T00:00:00"})

    assert fake.clock.now().isoformat() == "2026-05-01T00:00:00+00:00"
    assert send(fake, "POST", "do/invite", {"email": "ana@example.com"}).status == 200


# A fake of somebody else's.


class Odd(FakeService):
    """Has methods of every kind."""

    service = "odd"

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        del request
        return None, FakeResponse(404)

    def plain(self, text: str, /, *more: str) -> str:
        """Takes what has no name."""
        return text + "".join(more)

    def untyped(self, value, other=None):  # type: ignore[no-untyped-def]
        return [value, other]

    def strange(self, call: Iterator[Odd]) -> object:
        return call

    def unknown(self, value: Nowhere) -> None:  # type: ignore[name-defined]  # noqa: F821
        """Has a hint that cannot be read."""

    def gives_back(self) -> object:
        """Returns what is no JSON."""
        return {"a": object(), "b": float("inf"), "c": b"\xff"}

    def fails(self) -> None:
        """Fails in its own way."""
        raise RuntimeError("no more passes")

    @staticmethod
    def fixed() -> int:
        return 5

    @classmethod
    def named(cls, of: str = "") -> str:
        return cls.__name__ + of


def test_a_fake_of_ones_own_is_called_in_the_same_way() -> None:
    odd = Odd()

    assert do(odd, "untyped", value={"a": [1]}) == [{"a": [1]}, None]
    assert do(odd, "fixed") == 5
    assert do(odd, "named", of="!") == "Odd!"
    assert do(odd, "gives_back")
    assert refused(odd, "POST", "do/fails") == "no more passes"


@pytest.mark.parametrize(("name", "arguments"), [("strange", {"call": 5}), ("unknown", {"value": 5}), ("plain", {})])
def test_what_json_cannot_say_is_said(name: str, arguments: dict[str, object]) -> None:
    answer = send(Odd(), "POST", f"do/{name}", arguments)

    assert answer.status in (400, 501)
    assert json.loads(answer.body)["error"]


def test_a_fake_without_methods_of_its_own_says_so() -> None:
    class Bare(FakeService):
        service = "bare"

        def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
            del request
            return None, FakeResponse(404)

    assert json.loads(send(Bare(), "GET", "do").body) == {}
    assert refused(Bare(), "POST", "do/invite") == "no 'invite'; there are none"


def test_the_manual_has_every_control_path() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")
    known = json.loads(send(FakeWaldur(), "GET", "nonsense").body)["error"]
    paths = re.findall(r"([A-Z]+) /_fake/(\S+?)(?:,|$)", known)

    assert len(paths) > 10
    assert [path for path in paths if f"`{' '.join(path)}`" not in manual] == []


def test_a_served_fake_is_driven_by_any_program() -> None:
    fake = FakeCloudTruth()
    with fake.serve() as url, httpx.Client(base_url=url) as client:
        made = client.post("/_fake/do/invite", json={"email": "ana@example.com", "role": "ADMIN"})
        delivered = client.post("/_fake/do/deliver")
        bounced = client.post("/_fake/do/bounce", json={"invitation_id": made.json()["id"]})
        listed = client.get("/_fake/do").json()
        wrong = client.post("/_fake/do/bounce")
        unknown = client.get("/_fake/do/bounce")

    assert (made.status_code, delivered.json(), bounced.json()["state"]) == (200, 1, "bounced")
    assert "deliver(invitation_id: str | None = None) -> int" in listed
    assert (wrong.status_code, unknown.status_code) == (400, 404)
    assert "POST /_fake/do/NAME" in unknown.json()["error"]
