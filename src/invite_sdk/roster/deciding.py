"""What is to be done about one row, from what the service says of that person: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from invite_clients._times import DateTime, datetime
from invite_sdk import Status
from invite_sdk.services import same_id, shown

if TYPE_CHECKING:
    from invite_sdk import Invitation
    from invite_sdk.roster.policy import Policy
    from invite_sdk.roster.rows import Row

Action = Literal["create", "resend", "update", "replace", "cancel", "nothing", "skip", "cannot"]
"""What a plan does: invite, mail again, change the role, cancel and invite anew, take back, or nothing for a reason."""

WRITES: frozenset[str] = frozenset({"create", "resend", "update", "replace", "cancel"})
"""The actions that change something."""

_FINAL = (Status.DECLINED, Status.REJECTED, Status.CANCELED)


@dataclass(frozen=True, slots=True)
class Known:
    """What a plan keeps of an invitation that is there."""

    id: str | None = field(repr=False)
    status: Status
    email: str | None = None
    role: str | None = None
    role_id: str | None = None
    roles: tuple[str, ...] = ()
    created_at: DateTime | None = None
    expires_at: DateTime | None = None
    is_resendable: bool = True

    @classmethod
    def of(cls, invitation: Invitation) -> Known:
        """What is kept of this one."""
        return cls(
            invitation.id,
            invitation.status,
            invitation.email,
            invitation.role,
            invitation.role_id,
            invitation.roles,
            invitation.created_at,
            invitation.expires_at,
            invitation.is_resendable,
        )

    def has_role(self, role: str | tuple[str, ...]) -> bool:
        """Whether it grants what the list says, by name or by id. Capitals make no other role."""
        if isinstance(role, tuple):
            return {name.casefold() for name in role} == {name.casefold() for name in self.roles or (self.role or "",)}
        if self.role_id is not None and same_id(self.role_id, role):
            return True
        return self.role is not None and self.role.casefold() == role.casefold()


class Can(NamedTuple):
    """What the service of a row can do about an invitation that is there."""

    resend: bool
    update: bool
    cancel: bool


class Decision(NamedTuple):
    """What is to be done, why, and about which invitation."""

    action: Action
    reason: str
    about: Known | None = None


class Case(NamedTuple):
    """One row, and all that counts for it."""

    row: Row
    known: Sequence[Known]
    """The invitations of that person in that scope, as listed."""
    policy: Policy
    can: Can
    service: str
    now: datetime
    mailed_at: datetime | None = None
    """When the journal says that this person was last mailed."""


def decide(case: Case) -> Decision:
    """What is to be done about a row of which the service can say who is invited.

    What is open counts first, then what was accepted, then the newest of those that came to an end: with the list's
    role before any other.
    """
    mine = [one for one in case.known if one.has_role(case.row.role)]
    others = [one for one in case.known if not one.has_role(case.row.role)]
    rules: tuple[tuple[Sequence[Known], Callable[[Known], bool], Callable[[Case, Known], Decision]], ...] = (
        (mine, _is_open, _open),
        (mine, _is_accepted, _accepted),
        (mine, _is_unknown, _unknown),
        (others, _is_open, _other_role),
        (others, _is_accepted, _accepted_otherwise),
        (others, _is_unknown, _unknown),
        (mine, _is_closed, _closed),
    )
    for among, fits, judge in rules:
        if found := _newest([one for one in among if fits(one)]):
            return judge(case, found)
    declined = _newest([one for one in others if one.status in _FINAL])
    return Decision("create", "not invited yet") if declined is None else _closed(case, declined)


def _is_open(one: Known) -> bool:
    return one.status.is_open


def _is_accepted(one: Known) -> bool:
    return one.status is Status.ACCEPTED


def _is_unknown(one: Known) -> bool:
    return one.status is Status.UNKNOWN


def _is_closed(one: Known) -> bool:
    return one.status.is_final and one.status is not Status.ACCEPTED


def _newest(among: Sequence[Known]) -> Known | None:
    """The one that was made last; of several without a time the first listed."""
    never = datetime.min.replace(tzinfo=UTC)
    return max(among, key=lambda one: one.created_at or never, default=None)


def _open(case: Case, one: Known) -> Decision:
    mailed = max((time for time in (one.created_at, case.mailed_at) if time is not None), default=None)
    chase = case.policy.chase_after
    if one.expires_at is not None and one.expires_at <= case.now and (mailed is None or mailed < one.expires_at):
        return _renewed(case, one, f"open, and past its time since {one.expires_at:%Y-%m-%d %H:%M} UTC")
    if chase is not None and mailed is not None and case.now - mailed >= chase:
        since = f"open, and last mailed {_days(case.now - mailed)} ago"
        if not case.can.resend:
            return Decision("cannot", f"{since}; {case.service} has no resend", one)
        if one.is_resendable:
            return Decision("resend", since, one)
    if chase is not None and mailed is None:
        never = f"{one.status} already; nobody knows when it was mailed, so it is not chased"
        return Decision("nothing", never, one)
    return Decision("nothing", f"{one.status} already", one)


def _renewed(case: Case, one: Known, why: str) -> Decision:
    wanted = case.policy.expired
    if wanted == "leave":
        return Decision("skip" if one.status.is_final else "nothing", f"{why}: left as it is", one)
    if wanted == "resend" and case.can.resend and one.is_resendable:
        return Decision("resend", why, one)
    if one.status.is_final:
        return Decision("create", why, one)
    return _replaced(case, one, why)


def _accepted(_: Case, one: Known) -> Decision:
    return Decision("nothing", "accepted already", one)


def _accepted_otherwise(case: Case, one: Known) -> Decision:
    had = f"accepted as {shown(one.role)}" if one.role else "accepted with another role"
    return Decision("cannot", f"{had}: what a member may do is changed in {case.service} itself", one)


def _unknown(case: Case, one: Known) -> Decision:
    return Decision("cannot", f"{case.service} says a status that is not known here: look there", one)


def _other_role(case: Case, one: Known) -> Decision:
    why = f"open as {shown(one.role)}" if one.role else "open with another role"
    wanted = case.policy.other_role
    if wanted == "leave":
        return Decision("nothing", f"{why}: left as it is", one)
    if sum(map(_is_open, case.known)) > 1:
        return Decision("cannot", f"{why}, and open once more: cancel those that are too many", one)
    if wanted == "replace" or isinstance(case.row.role, tuple):
        return _replaced(case, one, why)
    if case.can.update:
        return Decision("update", why, one)
    return Decision("cannot", f"{why}; {case.service} has no update, Policy(other_role='replace') would do", one)


def _replaced(case: Case, one: Known, why: str) -> Decision:
    if case.can.cancel:
        return Decision("replace", why, one)
    return Decision("cannot", f"{why}; {case.service} has no cancel", one)


def _closed(case: Case, one: Known) -> Decision:
    if one.status is Status.EXPIRED:
        return _renewed(case, one, "expired")
    if one.status in case.policy.again:
        return Decision("create", f"{one.status}, and to be invited again", one)
    return Decision("skip", f"{one.status}: Policy(again=...) would invite again", one)


def _days(time: timedelta) -> str:
    return f"{time.days} days" if time.days != 1 else "a day"
