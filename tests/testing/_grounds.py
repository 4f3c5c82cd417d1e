"""Fakes with something in them, and the values by which a generated request reaches it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeService, FakeWaldur, FakeZenML
from tests.testing.asking import sign_in

Values = Mapping[str, Sequence[object]]


@dataclass(slots=True)
class Ground:
    """One fake, ready to be asked.

    Args:
        fake: the fake, with invitations in every state.
        users: who asks, one after another; after the last of them nobody does.
        path: good values for the parameters of paths.
        body: good values for the fields of bodies, each called for or listed.
        root: the path below which the operations are.
    """

    fake: FakeService
    users: Sequence[str]
    path: Values
    body: Mapping[str, Callable[[int], object]] = field(default_factory=dict)
    root: str = ""
    start: dict[str, object] = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.fake.dump()

    def reset(self) -> None:
        """Brings back what was there at the start."""
        self.fake.load(self.start)

    def header(self, turn: int) -> dict[str, str]:
        """The credentials whose turn it is."""
        user = (*self.users, None)[turn % (len(self.users) + 1)]
        return dict([sign_in(self.fake, user)]) if user else {}

    def path_parameters(self, given: Mapping[str, Any], turn: int) -> dict[str, Any]:
        """What was generated, with values that lead somewhere three times of four."""
        if turn % 4 == 3:
            return dict(given)
        return {name: self._pick(name, value, turn) for name, value in given.items()}

    def fields(self, given: Any, turn: int) -> Any:
        """The body that was generated, with values that lead somewhere every other time."""
        if not isinstance(given, dict) or turn % 2:
            return given
        return {name: self.body[name](turn) if name in self.body else value for name, value in given.items()}

    def _pick(self, name: str, value: object, turn: int) -> object:
        known = self.path.get(name, ())
        return known[turn % len(known)] if known else value


def in_turn(values: Sequence[object]) -> Callable[[int], object]:
    """One of some values after another."""
    return lambda turn: values[turn // 2 % len(values)]


def new_address() -> Callable[[int], object]:
    """An address that nobody has."""
    number = count()
    return lambda turn: f"new{next(number)}@example.com"


def waldur(version: Any) -> Ground:
    """A Waldur of one age, with invitations in each state, of a lost inviter and into a lost scope."""
    fake = FakeWaldur(version, token_lifetime=None)
    fake.add_project("Later", start_date=date(2027, 1, 1))
    fake.add_project("Gone")
    for number, state in enumerate(
        ("pending", "project", "requested", "accepted", "canceled", "expired", "rejected", "pending") * 4
    ):
        scope, role = (("apollo", "PROJECT.MEMBER"), ("acme", "CUSTOMER.MANAGER"))[number // 8 % 2]
        fake.invite(f"p{number}@example.com", scope=scope, role=role, state=state)
    fake.invite("orphan@example.com", by=None)
    fake.invite("later@example.com", scope="later", state="canceled")
    fake.invite("civil@example.com", civil_number="38001010001")
    fake.invite("lost@example.com", scope="gone")
    fake.remove_project("gone", for_good=True)
    tokens = [fake.approval_token(row) for row in fake.invitations if row.state in {"requested", "pending"}]
    return Ground(
        fake,
        ("staff", "owner", "bob", "support", "manager"),
        {"uuid": [row.uuid for row in fake.invitations]},
        {
            "email": new_address(),
            "role": in_turn([fake.roles["PROJECT.MEMBER"].uuid, fake.roles["CUSTOMER.MANAGER"].uuid]),
            "scope": in_turn(["/api/projects/" + fake.projects["apollo"].uuid + "/", fake.scope_url("acme")]),
            "token": in_turn(tokens),
        },
    )


def cloudtruth(**options: Any) -> Ground:
    """A CloudTruth of one age and way to refuse, with invitations in each state."""
    fake = FakeCloudTruth(**options)
    for number in range(24):
        fake.invite(f"p{number}@example.com", role=("VIEWER", "ADMIN", "OWNER")[number % 3])
    fake.invite("nina@example.com")
    for number, row in enumerate(fake.invitations):
        if number % 3 == 0:
            fake.deliver(row.id)
        elif number % 7 == 0:
            fake.bounce(row.id)
    mine = next(row.id for row in fake.invitations if row.email == "nina@example.com")
    ids = [row.id for row in fake.invitations]
    return Ground(
        fake,
        ("owner", "nina", "viewer", "globex"),
        {"id": [each for id_ in ids for each in (id_, mine)]},
        {"email": new_address(), "role": in_turn(["VIEWER", "OWNER", "ADMIN"])},
    )


def zenml(**options: Any) -> Ground:
    """A ZenML Pro with one way to tell what is wrong; one organization is full."""
    fake = FakeZenML(**options)
    for number in range(12):
        fake.add_organization(f"O{number}", members=("olivia",), seats=1 if number % 4 == 0 else None)
        fake.invite("ana@example.com", organization=f"O{number}")
    for row in fake.invitations[-3:]:
        fake.withdraw(row.id)
    keys = [user.api_key for user in fake.users.values()]
    secrets = {"client_id": fake.users["ana"].client_id, "client_secret": fake.users["ana"].client_secret}
    return Ground(
        fake,
        ("ana", "ana", "ben", "ci"),
        {"invitation_id": [row.id for row in fake.invitations]},
        {"password": in_turn(keys), **{name: in_turn([value]) for name, value in secrets.items()}},
    )


def enhance(**options: Any) -> Ground:
    """An Enhance panel of one habit, with invites for logins of either kind."""
    fake = FakeEnhance(**options)
    ids = [fake.invite(f"p{number}@example.com").id for number in range(12)]
    ids += [fake.invite("ivan@example.com").id, fake.invite("gone@example.com").id]
    fake.withdraw(ids[-1])
    addresses = [f"p{number}@example.com" for number in range(12)]
    return Ground(
        fake,
        ("master", "acme", "ivan", "support"),
        {"org_id": [fake.org_id("Acme"), fake.org_id("Bakery")], "invite_id": ids},
        {"email": in_turn([*addresses, "ivan@example.com"]), "password": in_turn(["correct horse"])},
        root="/api",
    )


GROUNDS: Mapping[str, Callable[[], list[Ground]]] = {
    "waldur": lambda: [waldur(version) for version in ("7.0.7", "2025", "2026")],
    "cloudtruth": lambda: [cloudtruth(), cloudtruth(era="2021", refusal="array", state_case="upper")],
    "zenml": lambda: [zenml(), zenml(detail="pair", validation_detail="string", answered_status=409)],
    "enhance": lambda: [enhance(), enhance(error_bodies="none", answer="empty", validate_nulls=True)],
}
"""For each service the fakes to ask, which differ in age and habits."""
