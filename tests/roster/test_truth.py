"""Whatever the list, the service's state, the policy and the faults: what was planned comes true, once, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import time_machine
import trio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from invite_sdk import NO_RETRIES, AsyncInviteClient, InviteError, Status
from invite_sdk.roster import AsyncRoster, Plan, Policy, PruneLimitError, Report
from invite_sdk.testing import FakeCloudTruth, FakeWaldur, Fault
from tests.roster.people import NOW, in_apollo

DAY: Final = timedelta(days=1)
ADDRESSES: Final = [f"{name}@example.org" for name in ("ann", "bob", "cyd", "dan", "eve", "fay", "gus")]
FAULTS: Final = (
    Fault.drop_request(),
    Fault.drop_reply(),
    Fault.refuse_connection(),
    Fault.status(500),
    Fault.status(502, after_effect=True),
    Fault.status(503),
    Fault.retry_after(3),
    Fault.status(429),
)
MOST_FAULTS: Final = 6
UNSETTLED: Final = {"failed", "unknown", "left"}


@dataclass(frozen=True)
class Record:
    """An invitation, as the fake keeps it."""

    id: str
    email: str
    role: str
    state: str


class Waldur:
    """A Waldur server, whose records stay when they have come to an end."""

    roles = ("PROJECT.MEMBER", "PROJECT.ADMIN")
    gone: str | None = "canceled"
    writes = (
        "user_invitations_create",
        "user_invitations_send",
        "user_invitations_partial_update",
        "user_invitations_cancel",
    )

    def __init__(self, version: Any) -> None:
        self.fake = FakeWaldur(version=version)

    row = staticmethod(in_apollo)

    def put(self, email: str, role: str, state: str, age: int) -> None:
        if state == "expired":
            age = 9
        self.fake.invite(email, role=role, state=state, created=NOW - age * DAY)

    def records(self) -> list[Record]:
        names = {role.uuid: name for name, role in self.fake.roles.items()}
        return [Record(row.uuid, row.email, names[row.role], row.state) for row in self.fake.invitations]


class CloudTruth:
    """CloudTruth, where a cancellation deletes."""

    roles = ("VIEWER", "ADMIN")
    gone: str | None = None
    writes = ("invitations_create", "invitations_resend_create", "invitations_partial_update", "invitations_destroy")

    def __init__(self) -> None:
        self.fake = FakeCloudTruth()

    @staticmethod
    def row(email: str, role: str) -> dict[str, object]:
        return {"email": email, "role": role}

    def put(self, email: str, role: str, state: str, age: int) -> None:
        if not any(one.email == email for one in self.fake.invitations):
            self.fake.invite(email, role=role)  # type: ignore[arg-type]

    def records(self) -> list[Record]:
        return [Record(row.id.replace("-", ""), row.email, row.role, row.state) for row in self.fake.invitations]


Service = Waldur | CloudTruth
invited = st.tuples(
    st.sampled_from(ADDRESSES),
    st.sampled_from([0, 1]),
    st.sampled_from(["pending", "pending", "accepted", "expired", "canceled", "rejected"]),
    st.sampled_from([0, 3, 9]),
)
listed = st.dictionaries(st.sampled_from(ADDRESSES), st.sampled_from([0, 1]), min_size=1)
policies = st.builds(
    Policy,
    st.sampled_from([None, 2 * DAY]),
    st.sampled_from(["resend", "replace", "leave"]),
    st.sampled_from(["update", "replace", "leave"]),
    st.frozensets(st.sampled_from([Status.REJECTED, Status.CANCELED])),
)
services = st.sampled_from(["7.0.7", "2026", "cloudtruth"])


@dataclass
class Run:
    """A list that is made true on a service, on a clock that jumps over every wait."""

    service: Service
    roster: AsyncRoster
    client: AsyncInviteClient
    journal: Path

    async def plan(self, policy: Policy, max_prune: int | None) -> Plan | None:
        """The plan, if no more would be pruned than may be."""
        try:
            return await self.roster.plan(
                self.client, policy, prune=max_prune is not None, max_prune=max_prune, journal=self.journal
            )
        except PruneLimitError:
            return None

    async def applied(self, plan: Plan) -> list[Report]:
        """The reports of as many runs as it takes until nothing is left to do."""
        reports: list[Report] = []
        for _ in range(2 * MOST_FAULTS + 2):
            try:
                reports.append(await self.roster.apply(plan, self.client, journal=self.journal, settle=0))
            except InviteError:
                continue  # nothing could be read
            if not set(reports[-1].counts) & UNSETTLED:
                return reports
        raise AssertionError(f"never done: {reports[-1]}")


@contextmanager
def running(service: Service, emails: dict[str, int]) -> Generator[Run]:
    rows = [service.row(email, service.roles[role]) for email, role in emails.items()]
    with TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        client = AsyncInviteClient(service.fake.connection(), transport=service.fake.transport(), retry=NO_RETRIES)
        yield Run(service, AsyncRoster(rows), client, Path(folder) / "run.journal")


def after(service: Service, before: Sequence[Record], plan: Plan) -> Counter[tuple[str, str, str]]:
    """What there is for each address when the plan has come true."""
    found = {record.id: record for record in before}
    there = {record.id: (record.email, record.role, record.state) for record in before}
    more: list[tuple[str, str, str]] = []
    for planned in plan:
        about = planned.about.id.replace("-", "") if planned.about and planned.about.id else ""
        wanted = str(planned.row.role)
        match planned.action:
            case "create" | "replace":
                more.append((planned.row.email, wanted, "pending"))
            case "resend":
                there[about] = (found[about].email, found[about].role, "pending")
            case "update":
                there[about] = (found[about].email, wanted, found[about].state)
        if planned.action in ("replace", "cancel"):
            if service.gone is None:
                del there[about]
            else:
                there[about] = (found[about].email, found[about].role, service.gone)
    return Counter([*there.values(), *more])


def made(name: str) -> Service:
    return CloudTruth() if name == "cloudtruth" else Waldur(name)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    services, listed, st.lists(invited, max_size=8), policies, st.none() | st.integers(0, 4), st.integers(0, 2**20),
    st.sampled_from([0.0, 0.2, 0.5]),
)  # fmt: skip
def test_what_was_planned_comes_true_once_through_any_faults(
    name: str,
    emails: dict[str, int],
    history: list[tuple[str, int, str, int]],
    policy: Policy,
    max_prune: int | None,
    seed: int,
    rate: float,
) -> None:
    service = made(name)
    if name == "7.0.7" and policy.other_role == "update":
        policy = Policy(policy.chase_after, policy.expired, "replace", policy.again)  # it has no update
    for email, role, state, age in history:
        service.put(email, service.roles[role], state, age)
    before = service.records()
    created, mailed = service.fake.effects["created"], len(service.fake.outbox)

    async def main(run: Run) -> None:
        plan = await run.plan(policy, max_prune)
        if plan is None:
            assert service.records() == before
            return
        assert max_prune is not None or not any(planned.is_pruned for planned in plan)
        assert sum(planned.is_pruned for planned in plan) <= (max_prune or 0)
        assert service.records() == before  # planning writes nothing
        wanted = after(service, before, plan)
        service.fake.faults.random(seed=seed, rate=rate, faults=FAULTS, times=MOST_FAULTS)
        reports = await run.applied(plan)

        there = service.records()
        unsure = {one.planned.key for report in reports for one in report if one.kind == "unknown"}
        assert Counter((one.email, one.role, one.state) for one in there) == wanted
        assert [len(report) for report in reports] == [len(plan)] * len(reports)
        # Nobody is invited twice, and nobody mailed twice.
        news = sum(planned.action in ("create", "replace") for planned in plan)
        assert service.fake.effects["created"] - created == news
        mails = Counter(mail.to for mail in service.fake.outbox[mailed:])
        for planned in plan:
            email, is_mailed = planned.row.email, planned.action in ("create", "replace", "resend")
            assert mails[email] == is_mailed or (planned.key in unsure and mails[email] == 0), planned
        # Nothing outside the list changes, but for what is pruned.
        touched = {planned.row.email for planned in plan}
        assert [one for one in there if one.email not in touched] == [one for one in before if one.email not in touched]
        # Then there is nothing left to do, for this plan and for another one, but for those who were due to be mailed
        # and got another role first.
        service.fake.faults.clear()
        again = await run.plan(policy, max_prune)
        assert again is not None
        old = {email for email, _, _, age in history if age}
        updated = {planned.row.email for planned in plan if planned.action == "update"}
        late = {planned.row.email for planned in again if planned.action in ("resend", "replace")}
        assert late <= old & updated, again
        if late:
            assert set((await run.applied(again))[-1].counts) <= {"done", "nothing"}
            again = await run.plan(policy, max_prune)
            assert again is not None
        assert again.is_empty, again
        written = [one for one in service.fake.requests if one.operation in service.writes]
        assert not set((await run.applied(again))[-1].counts) & {"done", "stale"}
        assert not set((await run.applied(plan))[-1].counts) & {"done"}
        assert [one for one in service.fake.requests if one.operation in service.writes] == written

    with running(service, emails) as run:
        trio.run(main, run, clock=MockClock(autojump_threshold=0))
