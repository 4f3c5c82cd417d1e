"""People who are invited already or not, on fakes: the lists that name them, and what must have become of each.

What must be follows from how each person was put there, and what became of them is read from the fake's own records.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from invite_sdk.testing import FakeClock, FakeCloudTruth, FakeEnhance, FakeRequest, FakeService, FakeWaldur

ROLES = {
    "cloudtruth": ("VIEWER", "CONTRIB"),
    "waldur": ("PROJECT.MEMBER", "PROJECT.ADMIN"),
    "enhance": ("SiteAccess", "Support"),
}
KINDS: Mapping[str, Mapping[str, int]] = {
    "cloudtruth": {"new": 50, "open": 10, "other": 30, "accepted": 5, "outside": 5},
    "waldur": {
        "new": 40,
        "open": 6,
        "other": 16,
        "expired": 12,
        "overdue": 6,
        "old": 6,
        "canceled": 5,
        "rejected": 2,
        "accepted": 3,
        "outside": 4,
    },
    "enhance": {"new": 95, "outside": 5},
}
"""How many of a hundred are what, by service. Those outside are not in the list."""
OPEN = frozenset({"pending", "sent", "bounced", "project", "requested"})
PROJECTS = {"Apollo": "apollo", "Beta": "beta"}
_POLICIES = {"other": "other_role", "overdue": "expired"}
CHASE_AFTER = 3
"""Days after which an open one is mailed again, where the policy wants that."""


class Record(NamedTuple):
    """An invitation as the fake has it."""

    id: str
    state: str
    role: str

    @property
    def is_open(self) -> bool:
        """Whether it can be accepted."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, and how they were put there."""

    email: str
    kind: str
    role: str
    """That of the list."""
    project: str
    before: tuple[Record, ...] = ()


@dataclass(slots=True)
class Crowd:
    """A service with people, and what is wanted of it."""

    fake: FakeService
    people: list[Person]
    policy: dict[str, Any] = field(default_factory=dict[str, Any])
    prunes: bool = False
    mailed: int = 0
    """How many mails there were at first."""

    @property
    def service(self) -> str:
        """Its name."""
        return self.fake.service

    @property
    def listed(self) -> list[Person]:
        """Those in the list, in its order."""
        return [person for person in self.people if person.kind != "outside"]

    def write_list(self, path: Path) -> None:
        """Writes the list as CSV; its last line says the first person again."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("email", "role", "scope", "scope_type", "organization", "name"))
            for person in [*self.listed, self.listed[0]]:
                place = (person.project, "project", "Acme Org") if self.service == "waldur" else ("", "", "")
                name = "Ann" if self.service == "enhance" else ""
                writer.writerow((person.email, person.role, *place, name))

    def wrong(self, outcomes: Mapping[str, str]) -> list[str]:
        """What is not as it must be.

        Args:
            outcomes: what was reported in the end, by address.
        """
        now = records(self.fake)
        mails = Counter(mail.to for mail in self.fake.outbox[self.mailed :])
        said: list[str] = []
        for person in self.people:
            after, outcome = now.pop(person.email, ()), outcomes.get(person.email, "")
            if not self._holds(person, after, mails[person.email], outcome):
                said.append(
                    f"{person}, policy {self.policy}: has {after} and {mails[person.email]} mails, reported {outcome}"
                )
        return said + [f"{email} was never in the list: {rows}" for email, rows in now.items()]

    def _holds(self, person: Person, after: tuple[Record, ...], mails: int, outcome: str) -> bool:
        before, role = person.before, person.role
        unchanged = after == before and mails == 0
        is_told = outcome in ("done", "nothing")
        can_be_seen = self.service != "enhance"
        match person.kind:
            case "new" | "canceled" | "expired" if person.kind == "new" or person.kind in self._anew:
                is_new = _is_one_more(before, after, role) and mails == 1
                return (is_new and is_told) or (outcome == "unknown" and not can_be_seen and (is_new or unchanged))
            case "other" | "overdue" if self.policy.get(_POLICIES[person.kind]) == "replace":
                return _is_another(before, after, role) and mails == 1 and is_told
            case "other" if self._can_update:
                return after == tuple(row._replace(role=role) for row in before) and mails == 0 and is_told
            case "other":
                # Such a server has no update, which shows when one is tried; the others then wait for another policy.
                return unchanged and outcome in ("cannot", "left")
            case "expired":
                return after == tuple(row._replace(state="pending") for row in before) and mails == 1 and is_told
            case "overdue" | "old" if person.kind == "overdue" or "chase_after" in self.policy:
                # That an open one was mailed again cannot be seen.
                return after == before and ((mails == 1 and is_told) or (mails <= 1 and outcome == "unknown"))
            case "outside" if self.prunes:
                return not any(row.is_open for row in after) and mails == 0
            case "outside":
                return unchanged and not outcome
            case _:
                return unchanged and outcome in ("nothing", "skip")

    @property
    def _anew(self) -> set[str]:
        """Whom the policy invites anew, beside what is there."""
        again = {"canceled"} if "again" in self.policy else set[str]()
        return again | ({"expired"} if "expired" in self.policy else set[str]())

    @property
    def _can_update(self) -> bool:
        return not (isinstance(self.fake, FakeWaldur) and self.fake.version == "7.0.7")


def _is_one_more(before: tuple[Record, ...], after: tuple[Record, ...], role: str) -> bool:
    """Whether what was there is as it was, and one open invitation with that role is new."""
    new = [row for row in after if row not in before]
    return len(after) == len(before) + 1 and len(new) == 1 and new[0].is_open and new[0].role == role


def _is_another(before: tuple[Record, ...], after: tuple[Record, ...], role: str) -> bool:
    """Whether nothing of what was there is open, and exactly one other with that role is."""
    opened = [row for row in after if row.is_open]
    return len(opened) == 1 and opened[0].role == role and opened[0].id not in {row.id for row in before}


def records(fake: FakeService) -> dict[str, tuple[Record, ...]]:
    """What a fake has, by address."""
    found: dict[str, tuple[Record, ...]] = {}
    if isinstance(fake, FakeCloudTruth):
        rows = [(one.email, Record(one.id, one.state, one.role)) for one in fake.invitations]
    elif isinstance(fake, FakeWaldur):
        names = {role.uuid: role.name for role in fake.roles.values()}
        rows = [(one.email, Record(one.uuid, one.state, names[one.role])) for one in fake.invitations]
    else:
        assert isinstance(fake, FakeEnhance)
        rows = [(one.email, Record(one.id, one.state, one.roles[0])) for one in fake.invitations]
    for email, record in rows:
        found[email] = (*found.get(email, ()), record)
    return found


def crowd(world: str, count: int, luck: Random) -> Crowd:
    """So many people of a service, and a policy: all by chance.

    Args:
        world: `cloudtruth`, `enhance`, or `waldur-` and a version.
        count: how many stand in the list.
        luck: the chance.
    """
    service, _, version = world.partition("-")
    fake = _fake(service, version)
    shares = KINDS[service]
    kinds = luck.choices(list(shares), list(shares.values()), k=count)
    people: list[Person] = []
    for number, kind in enumerate(kinds):
        role, other = luck.sample(ROLES[service], 2)
        person = Person(f"p{number}@example.org", kind, role, luck.choice(list(PROJECTS)))
        _put(fake, person, other if kind == "other" else role)
        people.append(person)
    policy: dict[str, Any] = {}
    if service != "enhance" and luck.random() < 0.5:
        policy["other_role"] = "replace"
    if service == "waldur":
        policy |= {"chase_after": CHASE_AFTER} if luck.random() < 0.5 else {}
        policy |= {"again": ["canceled"]} if luck.random() < 0.5 else {}
        policy |= {"expired": "replace"} if luck.random() < 0.3 else {}
    before = records(fake)
    people = [replace(person, before=before.get(person.email, ())) for person in people]
    return Crowd(fake, people, policy, service != "enhance" and luck.random() < 0.3, len(fake.outbox))


def _fake(service: str, version: str) -> FakeService:
    # Another process compares its times with those of this machine.
    clock = FakeClock(datetime.now(UTC))
    if service == "cloudtruth":
        return FakeCloudTruth(clock=clock)
    if service == "enhance":
        return FakeEnhance(clock=clock)
    return FakeWaldur("7.0.7" if version == "7.0.7" else "2026", clock=clock)


def _put(fake: FakeService, person: Person, role: Any) -> None:
    if isinstance(fake, FakeCloudTruth) and person.kind != "new":
        row = fake.invite(person.email, role=role)
        if person.kind == "accepted":
            header = f"Bearer {fake.add_user(person.email, person.email).jwt}"
            path = f"/api/v1/invitations/{row.id}/accept/"
            fake.handle(FakeRequest("POST", path, (("Authorization", header),)))
    if isinstance(fake, FakeEnhance) and person.kind == "outside":
        fake.invite(person.email, roles=(role,))
    if isinstance(fake, FakeWaldur) and person.kind != "new":
        states = {"expired", "canceled", "rejected", "accepted"} & {person.kind}
        days = {"expired": 9, "overdue": 8, "old": CHASE_AFTER + 1}.get(person.kind, 1)
        fake.invite(
            person.email,
            role=role,
            scope=PROJECTS[person.project],
            state=next(iter(states), "pending"),
            created=fake.clock.now() - timedelta(days=days),
        )
