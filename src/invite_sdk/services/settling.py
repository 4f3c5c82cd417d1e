"""What every service gets, whatever its file says: one `ensure` at a time for an address, a look after a lost answer.

Each function here makes a write of an adapter and knows what would show, when the state is read back, that it took
effect. A file that knows better settles its write itself, with `settled`; then nobody looks again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from invite_sdk._errors.tree import (
    AlreadyInvitedError,
    AlreadyMemberError,
    APIError,
    ConflictError,
    DeadlineExceededError,
    InvalidStateError,
    InviteError,
    NotFoundError,
    OutcomeUnknownError,
    ResponseParseError,
    remade,
)
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Claim, Flow
from invite_sdk._flows.exchange import now
from invite_sdk._flows.filters import Filters, has_role
from invite_sdk._flows.outcomes import UNREADABLE, readable, unsettled
from invite_sdk._model.addresses import address_form
from invite_sdk._model.ids import is_uuid, same_id
from invite_sdk._model.records import Delivery, InvitationFields, Problem, Status
from invite_sdk.services import common
from invite_sdk.services.adapter import AcceptWith, Adapter, Moment, NewInvitation

if TYPE_CHECKING:
    from invite_sdk._model.invitation import Acceptance, EnsureResult, Invitation

T = TypeVar("T")

_NOT_SHOWN = "reading the state back did not show it"
_NOT_LOOKED = "nothing that can be read back would show it"
_NOT_THERE = "there is no such invitation when the state is read back"
_SEVERAL = "open invitations like this one are there; any of them may be the one that was made"


def create(adapter: Adapter, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
    """A new invitation; the only open one like it, where the answer was lost.

    Raises:
        AlreadyInvitedError: the service refuses a second open one, which is `existing`.
        OutcomeUnknownError: the answer was lost, and there is none like it, or several.
    """

    def look() -> Flow[Invitation | None]:
        found = _fitting(adapter, ctx, (yield from _those(adapter, ctx, new, "lost")), new)
        if len(found) > 1:
            raise OutcomeUnknownError(_SEVERAL, known=f"{len(found)} {_SEVERAL}")
        return found[0] if found else None

    try:
        return (yield from _settled(ctx, adapter.create(ctx, new), look, new.fields))
    except APIError as refused:
        yield from _raise_already_invited(adapter, ctx, new, None, refused)
        raise


def ensure(adapter: Adapter, ctx: Context, new: NewInvitation) -> Flow[EnsureResult]:
    """The invitation that fits, or a new one: whoever asks for the same address meanwhile waits."""
    if type(adapter).create is not Adapter.create:
        refused_at_once(adapter.create(ctx, new))

    def look() -> Flow[EnsureResult | None]:
        # An accepted one may be an older one, for which the service's own way did not look.
        rows = yield from _those(adapter, ctx, replace(new, reinvite=True), "lost")
        found = _fitting(adapter, ctx, rows, new)
        return common.ensured(found[0], created=True) if len(found) == 1 else None

    def work() -> Flow[EnsureResult]:
        own = adapter.ensure(ctx, new)
        return (yield from settled(ctx, _find_or_create(adapter, ctx, new) if own is None else own, look))

    return (yield from claimed(ctx, (adapter.address_form(new.email),), work))


def _find_or_create(adapter: Adapter, ctx: Context, new: NewInvitation) -> Flow[EnsureResult]:
    """What `ensure` does where a service's file says nothing else: lists what is there, then creates.

    Raises:
        AlreadyInvitedError: another one for the address is open, and the service makes no second.
        ResponseParseError: one may be the one that is asked for, and its row does not tell.
    """
    rows = yield from _those(adapter, ctx, new, "before")
    fitting = _fitting(adapter, ctx, rows, new)
    if fitting:
        return common.ensured(fitting[0], created=False)
    others = [row for row in rows if row.status is not Status.ACCEPTED]
    if others and adapter.capabilities.duplicates is False:
        raise invited_as(others[0])
    try:
        made = yield from create(adapter, ctx, new)
        # What was found after a lost answer, in another spelling of the address, was there before.
        is_ours = not ctx.was_looked_up or made.email in (None, new.email)
        return common.ensured(made, created=is_ours)
    except ConflictError as refused:
        if refused.existing is None or not adapter.fits(ctx, refused.existing, new):
            raise
        return common.ensured(refused.existing, created=False)


def update(
    adapter: Adapter,
    ctx: Context,
    invitation_id: str,
    known: Invitation | None,
    email: str | None,
    role: str | None,
    refetch: bool,
) -> Flow[Invitation]:
    """The changed invitation.

    Raises:
        AlreadyInvitedError: another open one for the new address is there, which the service does not allow.
        InvalidStateError: its status does not allow it; `existing` is the invitation.
    """

    def look() -> Flow[Invitation | None]:
        found = yield from _read(adapter, ctx, invitation_id)
        return found if shows(found, email, role, adapter.address_form) else None

    fields: InvitationFields = {"id": invitation_id, "email": email}
    if role is not None:
        fields.update({"role_id": role} if is_uuid(role) else {"role": role, "roles": (role,)})
    write = _settled(ctx, adapter.update(ctx, invitation_id, email, role, refetch), look, fields)
    try:
        return (yield from _unless_final(adapter, ctx, invitation_id, known, write))
    except APIError as refused:
        if email is None or adapter.capabilities.duplicates is not False:
            raise
        asked = NewInvitation(email, () if role is None else (role,))
        yield from _raise_already_invited(adapter, ctx, asked, invitation_id, refused)
        raise


def delete(adapter: Adapter, ctx: Context, invitation_id: str) -> Flow[None]:
    """Removes the record; gone is removed."""

    def look() -> Flow[bool | None]:
        return (yield from is_gone(lambda: _read(adapter, ctx, invitation_id)))

    yield from settled(ctx, done(adapter.delete(ctx, invitation_id)), look, lambda: True)


def cancel(
    adapter: Adapter, ctx: Context, invitation_id: str, known: Invitation | None, refetch: bool
) -> Flow[Invitation]:
    """The canceled invitation. One that is gone counts where the caller had its record, or the service removes it.

    Raises:
        InvalidStateError: its status does not allow it; `existing` is the invitation.
    """

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
    write = _settled(ctx, adapter.cancel(ctx, invitation_id, refetch), look, fields)
    found = yield from _unless_final(adapter, ctx, invitation_id, known, write)
    return gone() if adapter.cancel_removes and found.partial and known is not None else found


def accept(adapter: Adapter, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
    """What accepting brought; the accepted invitation alone, where the answer was lost."""

    def look() -> Flow[Acceptance | None]:
        found = yield from _read(adapter, ctx, invitation_id, as_invitee=True)
        return common.accepted(found, found.organization_id) if found.status is Status.ACCEPTED else None

    def confirmed() -> Acceptance:
        return common.accepted(common.unheard(ctx, {"id": invitation_id, "status": Status.ACCEPTED}), None)

    return (yield from settled(ctx, adapter.accept(ctx, invitation_id, given), look, confirmed))


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
    """The invitation that was sent again. Only a revival shows: one that was open stays so.

    Raises:
        InvalidStateError: its status does not allow it; `existing` is the invitation.
    """

    def look() -> Flow[Invitation | None]:
        if known is None or not known.is_final:
            yield from cannot_look()
        found = yield from _read(adapter, ctx, invitation_id)
        return found if found.is_open else None

    fields: InvitationFields = {"id": invitation_id or None, "delivery": Delivery.QUEUED}
    write = _settled(ctx, adapter.resend(ctx, invitation_id, known, refetch), look, fields)
    return (yield from _unless_final(adapter, ctx, invitation_id, known, write))


def answer_request(ctx: Context, write: Flow[None]) -> Flow[None]:
    """Approves or rejects, with a token that says nothing of the invitation."""
    yield from settled(ctx, write, cannot_look, lambda: None)


def settled(
    ctx: Context,
    write: Flow[T],
    look: Callable[[], Flow[T | None]],
    confirmed: Callable[[], T] | None = None,
) -> Flow[T]:
    """The result of a write; where its answer was lost, what reading the state back shows.

    Args:
        ctx: the operation's.
        write: makes the write.
        look: reads the state back: the result if the write took effect, else `None`.
        confirmed: what to return where the service confirmed the write, but neither its answer nor the state could be
            read; without it that is an unknown outcome.

    Raises:
        OutcomeUnknownError: neither the answer nor the state tells.
    """
    try:
        return (yield from readable(ctx, write))
    except InviteError as error:
        if ctx.was_looked_up or not _may_have_taken(ctx, error):
            raise
        found, said = yield from _looked(ctx, look)
        if found is not None:
            return found
        if confirmed is not None and _was_confirmed(ctx, error):
            return confirmed()
        if isinstance(error, OutcomeUnknownError):
            error.known = f"{error.known}; {said}" if error.known else said
            raise
        if isinstance(error, ResponseParseError):
            raise unread_write(error) from error
        if said in (_NOT_SHOWN, _NOT_THERE) or not isinstance(error, APIError):
            raise
        unknown = unsettled(error)
        unknown.known = f"{unknown.known}; {said}"
        raise unknown from error


def done(write: Flow[object]) -> Flow[bool]:
    """True when a write was made whose answer says no more."""
    yield from write
    return True


def cannot_look() -> Flow[None]:
    """For a write that shows in nothing that could be read back."""
    yield from ()
    raise OutcomeUnknownError(_NOT_LOOKED, known=_NOT_LOOKED)


def _looked(ctx: Context, look: Callable[[], Flow[T | None]]) -> Flow[tuple[T | None, str]]:
    """What reading the state back shows, and that in words. Whoever settles this write further out looks no more."""
    ctx.was_looked_up = True
    try:
        found = yield from readable(ctx, look())
    except NotFoundError:
        return None, _NOT_THERE
    except OutcomeUnknownError as error:
        return None, error.known
    except InviteError as error:
        return None, f"the state could not be read back ({type(error).__name__})"
    return found, "" if found is not None else _NOT_SHOWN


def _may_have_taken(ctx: Context, error: InviteError) -> bool:
    """Whether the write that ended so may have taken effect all the same."""
    if isinstance(error, OutcomeUnknownError) or _was_confirmed(ctx, error):
        return True
    # An earlier attempt may have taken effect, which is why this one was refused.
    return ctx.may_have_taken and isinstance(error, APIError)


def _was_confirmed(ctx: Context, error: InviteError) -> bool:
    """Whether the service confirmed the write, and only its answer, or what was read afterwards, failed."""
    if isinstance(error, OutcomeUnknownError):
        return error.status is not None and 200 <= error.status < 300
    return ctx.was_confirmed and (ctx.is_reading or isinstance(error, ResponseParseError))


def unread_write(unread: ResponseParseError) -> OutcomeUnknownError:
    """The error for a write that the service confirmed in words that nobody can read."""
    made = OutcomeUnknownError(
        f"the service confirmed the write, but {unread.message}",
        known=f"the answer was {unread.status}",
        advice="read the invitation, or list the open ones, before trying again",
    )
    made.body = unread.body.decode("utf-8", "replace")
    return remade(unread, made)


def _settled(
    ctx: Context, write: Flow[Invitation], look: Callable[[], Flow[Invitation | None]], known: InvitationFields
) -> Flow[Invitation]:
    return (yield from settled(ctx, write, look, lambda: common.unheard(ctx, known)))


def _unless_final(
    adapter: Adapter, ctx: Context, invitation_id: str, known: Invitation | None, write: Flow[T]
) -> Flow[T]:
    """The result of a write to an invitation that nobody has accepted.

    Raises:
        InvalidStateError: the caller's record says that it was accepted, and nothing was sent; or the service refuses
            the write for the invitation's status. `existing` is the invitation, as far as it can be read.
    """
    if known is not None and known.status is Status.ACCEPTED:
        raise in_state(known, f"and {ctx.operation} cannot change that; nothing was sent")
    try:
        return (yield from write)
    except InvalidStateError as refused:
        if refused.existing is None and adapter.capabilities.supports("get"):
            try:
                refused.existing = yield from adapter.get(ctx, invitation_id)
            except (InviteError, *UNREADABLE):
                pass  # the refusal says enough
        raise


def _read(adapter: Adapter, ctx: Context, invitation_id: str, *, as_invitee: bool = False) -> Flow[Invitation]:
    """The invitation as the service has it now: read by itself where that is possible, else found in the listing."""
    declared = adapter.capabilities
    if as_invitee and declared.supports("preview"):
        return (yield from adapter.preview(ctx, invitation_id))
    if declared.supports("get"):
        return (yield from adapter.get(ctx, invitation_id))
    if not declared.supports("list"):
        yield from cannot_look()
    rows, problems = yield from common.collected(adapter.list(ctx, Filters(), None, None))
    found = next((row for row in rows if same_id(row.id, invitation_id)), None)
    if found is not None:
        return found
    if problems:
        raise ResponseParseError("a row that could not be read may be the invitation", status=200)
    raise NotFoundError("the listing does not hold the invitation", status=404)


def _those(adapter: Adapter, ctx: Context, new: NewInvitation, moment: Moment) -> Flow[list[Invitation]]:
    """The invitations for the address that are open, or may be; and the accepted ones, unless it is invited anyway."""
    if not adapter.capabilities.supports("list"):
        yield from cannot_look()
    rows, problems = yield from common.collected(adapter.candidates(ctx, new, moment))
    return open_for(rows, problems, new.email, adapter.email_key, adapter.address_form, accepted=not new.reinvite)


def _fitting(adapter: Adapter, ctx: Context, rows: list[Invitation], new: NewInvitation) -> list[Invitation]:
    """Those that are what is asked for: the open ones, or else one that was accepted."""
    found = [row for row in rows if row.status is not Status.ACCEPTED and _fits(adapter, ctx, row, new)]
    if found:
        return found
    return [row for row in rows if row.status is Status.ACCEPTED and _fits(adapter, ctx, row, new)][:1]


def _fits(adapter: Adapter, ctx: Context, row: Invitation, new: NewInvitation) -> bool:
    found = adapter.fits(ctx, row, new)
    if found is None:
        state = "was accepted" if row.status is Status.ACCEPTED else "is open"
        raise ResponseParseError(
            f"an invitation for this address {state}, but its row does not say for which role and scope", status=200
        )
    return found


def _raise_already_invited(
    adapter: Adapter, ctx: Context, new: NewInvitation, invitation_id: str | None, refused: APIError
) -> Flow[None]:
    """Raises for the invitation that a refusal may be due to, if there is one that can be found.

    Args:
        adapter: the service's.
        ctx: the operation's.
        new: what was asked for.
        invitation_id: the invitation that was to get the address, if it is no new one.
        refused: the refusal, which says more than the failure of a search.
    """
    is_member = isinstance(refused, AlreadyMemberError) and not new.reinvite
    if not (is_member or adapter.may_be_invited(refused)) or not adapter.capabilities.supports("list"):
        return
    try:
        rows = yield from _those(adapter, ctx, new, "refused")
        if invitation_id is not None:
            yield from _read(adapter, ctx, invitation_id)
        others = [row for row in rows if not same_id(row.id, invitation_id)]
        found = [row for row in others if adapter.fits(ctx, row, new)]
    except (InviteError, *UNREADABLE):
        return
    if not found and adapter.capabilities.duplicates is False:
        found = others
    # An open one is in the way more surely than one that was accepted.
    found.sort(key=lambda row: row.status is Status.ACCEPTED)
    if found:
        raise already_invited(refused, found[0]) from refused


def claimed(ctx: Context, key: tuple[str, ...], work: Callable[[], Flow[T]]) -> Flow[T]:
    """The result of work that only one operation at a time in this process does for a key.

    Raises:
        DeadlineExceededError: somebody else was still at it when the deadline passed; nothing was sent.
    """
    full = (ctx.service, ctx.base_url, *key)
    moment = (yield from now()).monotonic
    if ctx.deadline_at is None:  # what was looked up before has begun it
        ctx.deadline_at = moment + ctx.options.deadline
    if not cast("bool", (yield Claim(full, ctx.time_left(moment)))):
        raise DeadlineExceededError("the deadline passed while another call for the same invitee was at work")
    return (yield from work())


def refused_at_once(flow: Flow[T]) -> None:
    """Raises what a flow refuses before it does anything. The flow is not used any more."""
    try:
        next(flow, None)
    finally:
        flow.close()


def open_for(
    rows: list[Invitation],
    problems: list[Problem],
    email: str,
    email_key: str = "email",
    form: Callable[[str], str] = address_form,
    *,
    accepted: bool = False,
) -> list[Invitation]:
    """The invitations for an address that are open, or may be: an unknown status counts as open.

    Args:
        rows: what is there.
        problems: the rows that could not be read.
        email: the address.
        email_key: where an unreadable row has its address.
        form: brings an address to the one form that all its spellings have.
        accepted: whether those count, too, that were accepted.

    Raises:
        ResponseParseError: a row could not be read and may be one of them: whoever creates now might do it twice.
    """
    wanted = form(email)
    for problem in problems:
        said = _email_of(problem.row, email_key)
        if not isinstance(said, str) or form(said) == wanted:
            raise ResponseParseError(
                f"an invitation for this address may be open, but its row could not be read ({problem.reason})",
                status=200,
            )
    counted = (Status.UNKNOWN, Status.ACCEPTED) if accepted else (Status.UNKNOWN,)
    found = [row for row in rows if row.is_open or row.status in counted]
    if any(row.email is None for row in found):
        raise ResponseParseError("an open invitation may be for this address, but its row does not say", status=200)
    return [row for row in found if form(row.email or "") == wanted]


def _email_of(row: object, key: str) -> object:
    from invite_sdk._model.invitation import Invitation

    if isinstance(row, Invitation):
        return row.email
    return cast("dict[str, object]", row).get(key) if isinstance(row, dict) else None


def is_gone(get: Callable[[], Flow[Invitation]]) -> Flow[bool | None]:
    """True when there is no such invitation any more."""
    try:
        yield from get()
    except NotFoundError:
        return True
    return None


def shows(row: Invitation, email: str | None, role: str | None, form: Callable[[str], str] = address_form) -> bool:
    """Whether a row has the address and the role that it was to get."""
    has_email = email is None or form(row.email or "") == form(email)
    return has_email and (role is None or bool(has_role(row, role)))


def already_invited(error: APIError, existing: Invitation) -> ConflictError:
    """The refusal of a second invitation, with the first: an open one, or one that was accepted."""
    words = "an open invitation for this invitee is there already; see .existing"
    made: ConflictError = AlreadyInvitedError(words, status=error.status)
    if existing.status is Status.ACCEPTED:
        words = f"this address has accepted an earlier invitation, as {existing.role}; see .existing"
        made = ConflictError(words, status=error.status)
    made = remade(error, made)
    made.existing = existing
    return made


def in_state(existing: Invitation, words: str, refused: APIError | None = None) -> InvalidStateError:
    """The refusal of what an invitation's status does not allow.

    Args:
        existing: the invitation.
        words: what follows "the invitation is accepted".
        refused: the service's refusal, where it gave one.
    """
    made = InvalidStateError(f"the invitation is {existing.status} {words}", status=409)
    made = made if refused is None else remade(refused, made)
    made.existing = existing
    return made


def invited_as(existing: Invitation) -> AlreadyInvitedError:
    """The refusal, without asking the service, of a second invitation with another role."""
    made = AlreadyInvitedError(
        f"this address is invited already, as {existing.role}; update or cancel that invitation", status=409
    )
    made.existing = existing
    return made
