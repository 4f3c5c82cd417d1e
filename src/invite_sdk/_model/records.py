"""Statuses, scopes and what else goes with invitations and needs no pydantic, which takes its time to load."""

from __future__ import annotations

from dataclasses import field, fields
from enum import StrEnum
from typing import Literal, TypedDict, cast

from invite_clients._times import DateTime
from invite_clients._values import frozen_class


class Status(StrEnum):
    """Where an invitation stands, in the same words for every service."""

    REQUESTED = "requested"
    """Waits for somebody's approval before it is sent."""
    SCHEDULED = "scheduled"
    """Will be sent when its project starts."""
    PENDING = "pending"
    """Was sent, or is being sent, and waits for the invitee."""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    """The invitee said no."""
    REJECTED = "rejected"
    """The requested invitation was not approved."""
    CANCELED = "canceled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """The service used a word that this version does not know; `native_status` keeps it."""

    @property
    def is_open(self) -> bool:
        """Whether it can still lead to a membership."""
        return self in OPEN_STATUSES

    @property
    def is_final(self) -> bool:
        """Whether it has come to its end."""
        return self in FINAL_STATUSES


StatusName = Literal[
    "requested", "scheduled", "pending", "accepted", "declined", "rejected", "canceled", "expired", "unknown"
]
"""The names of the statuses, for whoever would rather write the word. For any other text there is `Status(text)`."""

OPEN_STATUSES: frozenset[Status] = frozenset({Status.REQUESTED, Status.SCHEDULED, Status.PENDING})
"""The statuses of an open invitation; `client.list(status=OPEN_STATUSES)` lists them."""

FINAL_STATUSES: frozenset[Status] = frozenset(
    {Status.ACCEPTED, Status.DECLINED, Status.REJECTED, Status.CANCELED, Status.EXPIRED}
)
"""The statuses of an invitation that has come to its end. `unknown` is neither open nor final."""


class Delivery(StrEnum):
    """Where the invitation's mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    """The mail could not be sent or bounced; `delivery_detail` says why, where the service does."""
    UNKNOWN = "unknown"


class InvitationFields(TypedDict, total=False):
    """The fields of an `Invitation`, as a service's file fills them in. What is left out is `None`."""

    service: str
    id: str | None
    status: Status
    native_status: str | None
    email: str | None
    name: str | None
    role: str | None
    role_id: str | None
    roles: tuple[str, ...]
    organization_id: str | None
    organization_name: str | None
    organization_logo_url: str | None
    organization_member_count: int | None
    scope_type: str | None
    scope_id: str | None
    scope_name: str | None
    inviter_name: str | None
    inviter_id: str | None
    inviter_avatar_url: str | None
    created_at: DateTime | None
    expires_at: DateTime | None
    message: str | None
    delivery: Delivery | None
    delivery_detail: str | None
    url: str | None
    partial: bool
    previous_id: str | None


ROW_FIELDS = tuple(InvitationFields.__annotations__)
"""The names of the unified fields, in the order in which they are shown and dumped."""

_UNSET = cast("InvitationFields", {**dict.fromkeys(ROW_FIELDS), "roles": (), "partial": False})


def unset(service: str) -> InvitationFields:
    """The fields of an invitation of which nothing is known, to be set one by one and given to `filled`.

    Together they do what `Invitation.from_fields` does in half the time, which counts where wide rows are read.
    """
    values = _UNSET.copy()
    values["service"] = service
    return values


@frozen_class
class Scope:
    """What a Waldur role is granted in, by its type in the service's word, such as customer or project."""

    type: str
    id: str
    """Its id, or its name: `Scope("project", "apollo")`. What can be an id is taken for one."""
    organization: str | None = None
    """The organization that it belongs to, by name or id: tells scopes of the same name apart; idle beside an id."""


@frozen_class
class Problem:
    """A row of a listing that could not be used, and why."""

    reason: str
    """What was wrong, without the row's values."""
    row: object = field(repr=False)
    """The row as the service sent it: an `Invitation` where it could be read, else the decoded JSON."""
    page: int
    """The page it came on, from 1."""


@frozen_class
class InvitationCheck:
    """Whether an invitation can be accepted now, and what the service says about it."""

    valid: bool
    email: str | None = None
    organization_id: str | None = None
    organization_name: str | None = None
    role: str | None = None
    civil_number_required: bool | None = None
    """Waldur: whether the invitee must have a given civil number."""

    def _repr_html_(self) -> str:
        from invite_sdk._html import html_record, in_words

        return html_record("InvitationCheck", in_words({each.name: getattr(self, each.name) for each in fields(self)}))
