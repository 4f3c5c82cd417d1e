"""What every service gets, whatever its file says: one `ensure` at a time for an address, a look after a lost answer.

Each function here makes a write of an adapter and knows what would show, when the state is read back, that it took
effect. A file that knows better settles its write itself, with `settled`; then nobody looks again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from invite_sdk._errors.tree import (
    AlreadyInvitedError,
    APIError,
    InviteError,
    NotFoundError,
    OutcomeUnknownError,
    ResponseParseError,
)
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.filters import Filters
from invite_sdk._model.ids import is_uuid, same_id
from invite_sdk._model.records import Delivery, InvitationFields, Status
from invite_sdk.services import common
from invite_sdk.services.adapter import AcceptWith, Adapter, Moment, NewInvitation

if TYPE_CHECKING:
    from invite_sdk._model.invitation import Acceptance, EnsureResult, Invitation

T = TypeVar("T")

_SEVERAL = "open invitations like this one are there; any of them may be the one that was made"


def create(adapter: Adapter, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
    """A new invitation; the only open one like it, where the answer was lost.

    Raises:
        AlreadyInvitedError: the service refuses a second open one, which is `existing`.
        OutcomeUnknownError: the answer was lost, and there is none like it, or several.
    """

    def look() -> Flow[Invitation | None]:
        found = [row for row in (yield from _open_ones(adapter, ctx, new, "lost")) if _fits(adapter, ctx, row, new)]
        if len(found) > 1:
            raise OutcomeUnknownError(_SEVERAL, known=f"{len(found)} {_SEVERAL}")
        return found[0] if found else None

    try:
        return (yield from _settled(ctx, adapter.create(ctx, new), look, new.fields))
    except APIError as refused:
        yield from _raise_already_invited(adapter, ctx, new, None, refused)
        raise


def ensure(adapter: Adapter, ctx: Context, new: NewInvitation) -> Flow[EnsureResult]:
    """The open invitation that fits, or a new one: whoever asks for the same address meanwhile waits."""
    common.refused_at_once(adapter.create(ctx, new))

    def look() -> Flow[EnsureResult | None]:
        found = [row for row in (yield from _open_ones(adapter, ctx, new, "lost")) if _fits(adapter, ctx, row, new)]
        return common.ensured(found[0], created=True) if len(found) == 1 else None

    def work() -> Flow[EnsureResult]:
        own = adapter.ensure(ctx, new)
        return (yield from common.settled(ctx, _find_or_create(adapter, ctx, new) if own is None else own, look))

    return (yield from common.claimed(ctx, (new.email.lower(),), work))


def _find_or_create(adapter: Adapter, ctx: Context, new: NewInvitation) -> Flow[EnsureResult]:
    """What `ensure` does where a service's file says nothing else: lists the open ones, then creates.

    Raises:
        AlreadyInvitedError: another one for the address is open, and the service makes no second.
        ResponseParseError: an open one may be the one that is asked for, and its row does not tell.
    """
    rows = yield from _open_ones(adapter, ctx, new, "before")
    fitting = [row for row in rows if _fits(adapter, ctx, row, new)]
    if fitting:
        return common.ensured(fitting[0], created=False)
    if rows and adapter.capabilities.duplicates is False:
        raise common.invited_as(rows[0])
    try:
        made = yield from create(adapter, ctx, new)
        # What was found after a lost answer, in another spelling of the address, was there before.
        is_ours = not ctx.was_looked_up or made.email in (None, new.email)
        return common.ensured(made, created=is_ours)
    except AlreadyInvitedError as refused:
        if refused.existing is None or not adapter.fits(ctx, refused.existing, new):
            raise
        return common.ensured(refused.existing, created=False)


def update(
    adapter: Adapter, ctx: Context, invitation_id: str, email: str | None, role: str | None, refetch: bool
) -> Flow[Invitation]:
    """The changed invitation.

    Raises:
        AlreadyInvitedError: another open one for the new address is there, which the service does not allow.
    """

    def look() -> Flow[Invitation | None]:
        found = yield from _read(adapter, ctx, invitation_id)
        return found if common.shows(found, email, role) else None

    known: InvitationFields = {"id": invitation_id, "email": email}
    if role is not None:
        known.update({"role_id": role} if is_uuid(role) else {"role": role, "roles": (role,)})
    try:
        return (yield from _settled(ctx, adapter.update(ctx, invitation_id, email, role, refetch), look, known))
    except APIError as refused:
        if email is None or adapter.capabilities.duplicates is not False:
            raise
        asked = NewInvitation(email, () if role is None else (role,))
        yield from _raise_already_invited(adapter, ctx, asked, invitation_id, refused)
        raise


def delete(adapter: Adapter, ctx: Context, invitation_id: str) -> Flow[None]:
    """Removes the record; gone is removed."""

    def look() -> Flow[bool | None]:
        return (yield from common.is_gone(lambda: _read(adapter, ctx, invitation_id)))

    yield from common.settled(ctx, common.done(adapter.delete(ctx, invitation_id)), look, lambda: True)


def cancel(
    adapter: Adapter, ctx: Context, invitation_id: str, known: Invitation | None, refetch: bool
) -> Flow[Invitation]:
    """The canceled invitation. One that is gone counts where the caller had its record, or the service removes it."""

    def look() -> Flow[Invitation | None]:
        try:
            found = yield from _read(adapter, ctx, invitation_id)
        except NotFoundError:
            if known is None and not adapter.cancel_removes:
                raise
            return gone()
        return found if found.status is Status.CANCELED else None

    def gone() -> Invitation:
        # The caller's record may be older than the last change.
        canceled = {"status": Status.CANCELED, "partial": True}
        return common.partial(ctx.service, fields) if known is None else known.model_copy(update=canceled)

    fields: InvitationFields = {"id": invitation_id, "status": Status.CANCELED}
    found = yield from _settled(ctx, adapter.cancel(ctx, invitation_id, refetch), look, fields)
    return gone() if adapter.cancel_removes and found.partial and known is not None else found


def accept(adapter: Adapter, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
    """What accepting brought; the accepted invitation alone, where the answer was lost."""

    def look() -> Flow[Acceptance | None]:
        found = yield from _read(adapter, ctx, invitation_id, as_invitee=True)
        return common.accepted(found, found.organization_id) if found.status is Status.ACCEPTED else None

    def confirmed() -> Acceptance:
        return common.accepted(common.partial(ctx.service, {"id": invitation_id, "status": Status.ACCEPTED}), None)

    return (yield from common.settled(ctx, adapter.accept(ctx, invitation_id, given), look, confirmed))


def decline(adapter: Adapter, ctx: Context, invitation_id: str, refetch: bool) -> Flow[Invitation]:
    """The declined invitation."""

    def look() -> Flow[Invitation | None]:
        found = yield from _read(adapter, ctx, invitation_id, as_invitee=True)
        return found if found.status is Status.DECLINED else None

    fields: InvitationFields = {"id": invitation_id, "status": Status.DECLINED}
    return (yield from _settled(ctx, adapter.decline(ctx, invitation_id, refetch), look, fields))


def resend(
    adapter: Adapter, ctx: Context, invitation_id: str, known: Invitation | None, refetch: bool
) -> Flow[Invitation]:
    """The invitation that was sent again. Only a revival shows: one that was open stays so."""

    def look() -> Flow[Invitation | None]:
        if known is None or not known.is_final:
            yield from common.cannot_look()
        found = yield from _read(adapter, ctx, invitation_id)
        return found if found.is_open else None

    fields: InvitationFields = {"id": invitation_id or None, "delivery": Delivery.QUEUED}
    return (yield from _settled(ctx, adapter.resend(ctx, invitation_id, known, refetch), look, fields))


def answer_request(ctx: Context, write: Flow[None]) -> Flow[None]:
    """Approves or rejects, with a token that says nothing of the invitation."""
    yield from common.settled(ctx, write, common.cannot_look, lambda: None)


def _settled(
    ctx: Context, write: Flow[Invitation], look: Callable[[], Flow[Invitation | None]], known: InvitationFields
) -> Flow[Invitation]:
    return (yield from common.settled(ctx, write, look, lambda: common.partial(ctx.service, known)))


def _read(adapter: Adapter, ctx: Context, invitation_id: str, *, as_invitee: bool = False) -> Flow[Invitation]:
    """The invitation as the service has it now: read by itself where that is possible, else found in the listing."""
    declared = adapter.capabilities
    if as_invitee and declared.supports("preview"):
        return (yield from adapter.preview(ctx, invitation_id))
    if declared.supports("get"):
        return (yield from adapter.get(ctx, invitation_id))
    if not declared.supports("list"):
        yield from common.cannot_look()
    rows, problems = yield from common.collected(adapter.list(ctx, Filters(), None, None))
    found = next((row for row in rows if same_id(row.id, invitation_id)), None)
    if found is not None:
        return found
    if problems:
        raise ResponseParseError("a row that could not be read may be the invitation", status=200)
    raise NotFoundError("the listing does not hold the invitation", status=404)


def _open_ones(adapter: Adapter, ctx: Context, new: NewInvitation, moment: Moment) -> Flow[list[Invitation]]:
    """The invitations for the address that are open, or may be."""
    if not adapter.capabilities.supports("list"):
        yield from common.cannot_look()
    rows, problems = yield from common.collected(adapter.candidates(ctx, new, moment))
    return common.open_for(rows, problems, new.email)


def _fits(adapter: Adapter, ctx: Context, row: Invitation, new: NewInvitation) -> bool:
    found = adapter.fits(ctx, row, new)
    if found is None:
        raise ResponseParseError(
            "an invitation for this address is open, but its row does not say for which role and scope", status=200
        )
    return found


def _raise_already_invited(
    adapter: Adapter, ctx: Context, new: NewInvitation, invitation_id: str | None, refused: APIError
) -> Flow[None]:
    """Raises for the open invitation that a refusal may be due to, if there is one that can be found.

    Args:
        adapter: the service's.
        ctx: the operation's.
        new: what was asked for.
        invitation_id: the invitation that was to get the address, if it is no new one.
        refused: the refusal, which says more than the failure of a search.
    """
    if not adapter.may_be_invited(refused) or not adapter.capabilities.supports("list"):
        return
    try:
        rows = yield from _open_ones(adapter, ctx, new, "refused")
        if invitation_id is not None:
            yield from _read(adapter, ctx, invitation_id)
        others = [row for row in rows if not same_id(row.id, invitation_id)]
        found = [row for row in others if adapter.fits(ctx, row, new)]
    except InviteError:
        return
    if not found and adapter.capabilities.duplicates is False:
        found = others
    if found:
        raise common.already_invited(refused, found[0]) from refused
