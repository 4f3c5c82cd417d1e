"""What is to be done about those who are invited already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

from invite_sdk import InvalidArgumentError, Status

Expired = Literal["resend", "replace", "leave"]
OtherRole = Literal["update", "replace", "leave"]

_LONGEST = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a plan does about invitations that are there already. Whoever accepted is never invited again."""

    chase_after: timedelta | None = None
    """Send an open invitation again when it was last mailed so long ago; never unless given. Services do not say when
    they mailed last, the journal does: without it, the time of creation counts."""
    expired: Expired = "resend"
    """An expired one, or one that is open beyond its `expires_at`: `resend` it, `replace` it by a new one, or `leave`
    it. One that the service does not send again any more is replaced."""
    other_role: OtherRole = "update"
    """An open one with another role than the list says: `update` its role, `replace` it (cancel, then create), or
    `leave` it."""
    again: frozenset[Status] = frozenset()
    """Whom to invite anew although that has come to an end: any of `declined`, `rejected` and `canceled`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "again", _statuses(self.again))
        _one_of("expired", self.expired, ("resend", "replace", "leave"))
        _one_of("other_role", self.other_role, ("update", "replace", "leave"))
        chase: object = self.chase_after
        if chase is not None and (not isinstance(chase, timedelta) or not timedelta() < chase <= _LONGEST):
            raise InvalidArgumentError("chase_after must be a timedelta above zero and of ten years at most")


def _statuses(given: object) -> frozenset[Status]:
    allowed = (Status.DECLINED, Status.REJECTED, Status.CANCELED)
    words = cast("Collection[object]", given) if isinstance(given, Collection) and not isinstance(given, str) else None
    if words is None or not all(word in allowed for word in words):
        raise InvalidArgumentError("again must be a collection of declined, rejected and canceled, as far as wanted")
    return frozenset(Status(str(word)) for word in words)


def _one_of(name: str, given: object, words: tuple[str, ...]) -> None:
    if given not in words:
        raise InvalidArgumentError(f"{name} must be one of {', '.join(words)}")
