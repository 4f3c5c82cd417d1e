"""The services as the schedules see them: who acts, what is done, and the plain state of every invitation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar

from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML
from tests.behaviour.worlds.enhance import PASSWORD

OPEN, ACCEPTED, DECLINED, CANCELED, GONE, OTHER = "open", "accepted", "declined", "canceled", "gone", "other"
STATES: Mapping[str, str] = {
    **dict.fromkeys(("requested", "project", "pending", "sent", "bounced"), OPEN),
    **dict.fromkeys(("rejected", "expired", "withdrawn", "replaced"), OTHER),
    "accepted": ACCEPTED,
    "declined": DECLINED,
    "canceled": CANCELED,
}
"""What the fakes' states are here. A word that is not here might be an open one, so whoever meets it fails."""


@dataclass(frozen=True, slots=True)
class Row:
    """An invitation as the model knows it."""

    email: str
    state: str


@dataclass(frozen=True, slots=True)
class Step:
    """One operation that a schedule calls."""

    operation: str
    user: str
    given: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    target: str | None = None
    """The id that it is about."""
    leaves: str | None = None
    """The state in which success leaves its target; `None` for reads and for what leaves it as it was."""
    email: str | None = None
    """Whom it invites."""

    def __str__(self) -> str:
        return f"{self.user}.{self.operation}({self.target or self.email or ''})"


class Ground(ABC):
    """One fake service, its users, and the steps that make sense in its state."""

    ensured: ClassVar[tuple[str, ...]] = ("ann@example.org", "bea@example.org")
    """Addresses that only `ensure` invites: never two open ones."""
    created: ClassVar[tuple[str, ...]] = ("cat@example.org", "dan@example.org", "eve@example.org")
    once: ClassVar[frozenset[str]] = frozenset(
        {"created", "mailed", "accepted", "declined", "approved", "rejected", "resent"}
    )
    """Effects that no call may have twice."""
    remover: ClassVar[str] = ""
    """Who may remove every invitation, where somebody may."""
    fake: FakeWaldur | FakeCloudTruth | FakeZenML | FakeEnhance

    def __init__(self, luck: Random) -> None:
        self.luck = luck
        self.moved = 0

    def rows(self) -> dict[str, Row]:
        """Every invitation on the server, by id."""
        rows: Iterable[Any] = self.fake.invitations
        return {getattr(row, "uuid", None) or row.id: Row(row.email, STATES[row.state]) for row in rows}

    @abstractmethod
    def step(self) -> Step:
        """A step, drawn from those that make sense now, and a few that do not."""

    @property
    def place(self) -> Mapping[str, object]:
        """With what somebody is invited here, beside the address."""
        return {"role": "VIEWER"}

    def crowd(self, count: int) -> None:
        """Puts some invitations in place."""
        for number in range(count):
            self.fake.invite(f"old{number}@example.org")

    def new(self, operation: str, user: str, emails: tuple[str, ...]) -> Step:
        """Invites one of these."""
        email = self.luck.choice(emails)
        return Step(operation, user, (email,), self.place, email=email)

    def on(self, operation: str, user: str, leaves: str, email: tuple[str, ...] | None = None) -> Step:
        """Does something to an invitation, of one of these where that is said."""
        target = self.pick(email=email)
        return Step(operation, user, (target,), {}, target, leaves)

    def move(self, user: str) -> Step:
        """Gives an invitation another address, that no other has."""
        target = self.pick(email=self.created)
        self.moved += 1
        return Step("update", user, (target,), {"email": f"moved{self.moved}@example.org"}, target)

    def removal(self, target: str) -> Step:
        """Removes an invitation that a listing has just brought, as a loop over it does."""
        return Step("delete", self.remover, (target,), {}, target, GONE)

    def event(self) -> None:
        """Something happens on the server without a request."""
        self.fake.clock.advance(seconds=self.luck.choice((1, 60, 3600)))

    def pick(self, *, email: tuple[str, ...] | None = None) -> str:
        """The id of an invitation, as a rule of one that is there."""
        ids = [key for key, row in self.rows().items() if email is None or row.email in email]
        return self.luck.choice(ids) if ids and self.luck.random() < 0.97 else self.unknown

    @property
    def unknown(self) -> str:
        """A well-formed id of nothing."""
        return "00000000-0000-4000-8000-000000000001"

    def chosen(self, steps: Mapping[str, tuple[int, Callable[[], Step]]]) -> Step:
        """One of several steps, by their weights."""
        names = list(steps)
        name = self.luck.choices(names, [steps[name][0] for name in names])[0]
        return steps[name][1]()

    def reading(self, operation: str, user: str) -> Step:
        """A read of one invitation."""
        target = self.pick()
        return Step(operation, user, (target,), target=target)


class WaldurGround(Ground):
    """A Waldur server. `owner` and `staff` invite, `invitee` accepts."""

    remover = "staff"

    def __init__(self, luck: Random, version: Any) -> None:
        super().__init__(luck)
        self.version = version
        self.fake: FakeWaldur = FakeWaldur(version, seed=luck.randrange(1000))
        self.is_staffed = luck.random() < 0.2
        self.fake.configure(only_staff_can_invite=self.is_staffed)

    @property
    def unknown(self) -> str:
        return "0" * 31 + "1"

    def event(self) -> None:
        if self.luck.random() < 0.3:
            self.fake.clock.advance(days=8)
            self.fake.expire_due()
        else:
            super().event()

    def step(self) -> Step:
        inviter = self.luck.choice(("owner", "owner", "staff"))
        remover = "staff" if self.version == "7.0.7" else inviter
        return self.chosen(
            {
                "ensure": (8, lambda: self.new("ensure", inviter, self.ensured)),
                "create": (5, lambda: self.new("create", inviter, self.created)),
                "cancel": (4, lambda: self.on("cancel", inviter, CANCELED)),
                "accept": (3, lambda: self.on("accept", "invitee", ACCEPTED)),
                "resend": (2, lambda: self.on("resend", inviter, OPEN, self.created)),
                "update": (2, lambda: self.move(inviter)),
                "delete": (2, lambda: self.on("delete", remover, GONE)),
                "decide": (3 if self.is_staffed else 0, self._decided),
                "get": (1, lambda: self.reading("get", inviter)),
                "check": (1, lambda: self.reading("check", inviter)),
                "count": (1, lambda: Step("count", inviter)),
                "list": (2, lambda: Step("list", inviter)),
            }
        )

    @property
    def place(self) -> Mapping[str, object]:
        return {"role": self.fake.roles["PROJECT.MEMBER"].uuid, "scope": self.fake.scope_url("apollo")}

    def _decided(self) -> Step:
        waiting = [row for row in self.fake.invitations if row.state == "requested"]
        if not waiting:
            return Step("count", "owner")
        row = self.luck.choice(waiting)
        operation, leaves = self.luck.choice((("approve", OPEN), ("reject", OTHER)))
        return Step(operation, "staff", (self.fake.approval_token(row),), {}, row.uuid, leaves)


class CloudTruthGround(Ground):
    """CloudTruth. `owner` and `admin` invite, `nina` accepts what is hers."""

    remover = "owner"
    created = (*Ground.created, "nina@example.com")

    def __init__(self, luck: Random) -> None:
        super().__init__(luck)
        self.fake: FakeCloudTruth = FakeCloudTruth(
            era=luck.choice(("2025", "2021")),
            email_case_sensitive=luck.random() < 0.5,
            state_case=luck.choice(("lower", "upper")),
            seed=luck.randrange(1000),
        )

    def event(self) -> None:
        if self.luck.random() < 0.5:
            self.fake.deliver()
        else:
            super().event()

    def step(self) -> Step:
        inviter = self.luck.choice(("owner", "admin"))
        return self.chosen(
            {
                "ensure": (8, lambda: self.new("ensure", inviter, self.ensured)),
                "create": (5, lambda: self.new("create", inviter, self.created)),
                "cancel": (3, lambda: self.on("cancel", inviter, GONE)),
                "delete": (2, lambda: self.on("delete", inviter, GONE)),
                "accept": (2, lambda: self.on("accept", "nina", ACCEPTED, ("nina@example.com",))),
                "resend": (2, lambda: self.on("resend", inviter, OPEN)),
                "update": (2, lambda: self.move(inviter)),
                "get": (1, lambda: self.reading("get", inviter)),
                "check": (1, lambda: self.reading("check", inviter)),
                "count": (1, lambda: Step("count", inviter)),
                "list": (2, lambda: Step("list", inviter)),
            }
        )


class ZenMLGround(Ground):
    """ZenML Pro, as `ana` sees what others sent to her. Organizations without end, so that she can join again."""

    ensured = ()

    def __init__(self, luck: Random) -> None:
        super().__init__(luck)
        self.fake: FakeZenML = FakeZenML(token_lifetime=luck.choice((30, 3600)), seed=luck.randrange(1000))
        self.organizations = 0
        for _ in range(3):
            self._invited()

    def _invited(self) -> None:
        self.organizations += 1
        name = f"Organization {self.organizations}"
        self.fake.add_organization(name, members=("olivia",))
        self.fake.invite("ana@example.com", organization=name)

    def event(self) -> None:
        chance = self.luck.random()
        if chance < 0.5:
            self._invited()
        elif chance < 0.7:
            self.fake.expire_tokens()
        else:
            super().event()

    def step(self) -> Step:
        return self.chosen(
            {
                "accept": (4, lambda: self.on("accept", "ana", ACCEPTED, ("ana@example.com",))),
                "decline": (4, lambda: self.on("decline", "ana", DECLINED, ("ana@example.com",))),
                "get": (1, lambda: self.reading("get", "ana")),
                "check": (1, lambda: self.reading("check", "ana")),
                "preview": (1, lambda: self.reading("preview", "ana")),
                "count": (1, lambda: Step("count", "ana")),
                "list": (2, lambda: Step("list", "ana")),
            }
        )


class EnhanceGround(Ground):
    """A panel. `acme` and `master` invite; anybody with a key accepts."""

    ensured = ()

    def __init__(self, luck: Random) -> None:
        super().__init__(luck)
        self.fake: FakeEnhance = FakeEnhance(
            answer=luck.choice(("url", "key", "text", "empty")),
            reissue_kills_old_key=luck.random() < 0.7,
            validate_nulls=luck.random() < 0.5,
            seed=luck.randrange(1000),
        )
        self.known: list[Any] = []
        """What `create` returned: it can be sent again."""

    @property
    def unknown(self) -> str:
        return "0" * 31 + "1"

    def step(self) -> Step:
        inviter = self.luck.choice(("acme", "master"))
        return self.chosen(
            {
                "create": (6, lambda: self.new("create", inviter, self.created)),
                "resend": (3 if self.known else 0, lambda: self._again(inviter)),
                "accept": (4, lambda: self._accepted(inviter)),
                "check": (2, lambda: self.reading("check", inviter)),
                "get": (1, lambda: self.reading("get", inviter)),
                "preview": (1, lambda: self.reading("preview", inviter)),
            }
        )

    @property
    def place(self) -> Mapping[str, object]:
        return {"role": "SiteAccess", "name": "Somebody", "organization": self.fake.org_id("Acme")}

    def _again(self, user: str) -> Step:
        known = self.luck.choice(self.known)
        return Step("resend", user, (known,), {}, email=known.email)

    def _accepted(self, user: str) -> Step:
        target = self.pick()
        row = self.rows().get(target)
        named = {"email": row.email if row else "nobody@example.org", "password": PASSWORD}
        return Step("accept", user, (target,), named, target, ACCEPTED)


GROUNDS: Mapping[str, Callable[[Random], Ground]] = {
    "waldur 2026": lambda luck: WaldurGround(luck, "2026"),
    "waldur 2025": lambda luck: WaldurGround(luck, "2025"),
    "waldur 7.0.7": lambda luck: WaldurGround(luck, "7.0.7"),
    "cloudtruth": CloudTruthGround,
    "zenml": ZenMLGround,
    "enhance": EnhanceGround,
}
