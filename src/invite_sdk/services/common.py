"""What the services' files share: times, request bodies checked before they are sent, rows, reading back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Generic, TypeVar, cast
from urllib.parse import urlsplit

from invite_clients._runtime import Call, Response
from invite_sdk._errors.tree import (
    AlreadyInvitedError,
    APIError,
    DeadlineExceededError,
    InvalidArgumentError,
    InviteError,
    NotFoundError,
    OutcomeUnknownError,
    ResponseParseError,
    remade,
)
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Claim, Emit, Flow
from invite_sdk._flows.exchange import exchange, now
from invite_sdk._flows.filters import has_role
from invite_sdk._flows.outcomes import read, unsettled
from invite_sdk._flows.paging import decoded, next_link, page_in, read_rows
from invite_sdk._flows.walk import Reading
from invite_sdk._model.ids import is_id
from invite_sdk._model.records import InvitationFields, Problem, Status
from invite_sdk._privacy.texts import shown

if TYPE_CHECKING:
    from pydantic import BaseModel, SecretStr

    from invite_clients._times import datetime
    from invite_sdk._model.invitation import Acceptance, EnsureResult, Invitation

_NOT_SHOWN = "reading the state back did not show it"
_NOT_LOOKED = "nothing that can be read back would show it"
_NOT_THERE = "there is no such invitation when the state is read back"

T = TypeVar("T")
Model = TypeVar("Model", bound="BaseModel")
Row = TypeVar("Row", bound="BaseModel")


UNREADABLE = (ValueError, LookupError, ArithmeticError)
"""What reading a record may raise, where the service said something that nobody expected."""

# The models take their time to load: not before the first of them is made.


def invitation(service: str, native: BaseModel | None, fields: InvitationFields) -> Invitation:
    """An invitation from values that a wire model has validated already."""
    from invite_sdk._model.invitation import Invitation

    return Invitation.from_fields(service, native, fields)


def ensured(found: Invitation, *, created: bool) -> EnsureResult:
    """What `ensure` found or made."""
    from invite_sdk._model.invitation import EnsureResult

    return EnsureResult(found, created)


def accepted(found: Invitation, organization_id: str | None, session: SecretStr | None = None) -> Acceptance:
    """What accepting an invitation brought."""
    from invite_sdk._model.invitation import Acceptance

    return Acceptance(found, organization_id, session)


def aware(time: datetime) -> datetime:
    """A time from the wire; one without an offset is UTC."""
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def absolute(url: str | None, base_url: str) -> str | None:
    """The URL of a picture, which may be a path on the service's own host. It is data: nothing is ever asked of it."""
    if not url or not base_url or not url.startswith("/") or url.startswith("//") or "\\" in url:
        return url or None
    origin = urlsplit(base_url)
    return f"{origin.scheme}://{origin.netloc}{url}"


def request_body(model: type[Model], given: Mapping[str, object], names: Mapping[str, str] | None = None) -> Model:
    """A request model from what was given, without what is `None`.

    Args:
        model: the generated request model.
        given: values by the service's names of the fields.
        names: our own name for a field of the service, for the message.

    Raises:
        InvalidArgumentError: the service's model does not take it; nothing was sent.
    """
    from pydantic import ValidationError as PydanticError

    try:
        return model.model_validate({name: value for name, value in given.items() if value is not None})
    except PydanticError as error:
        said: list[str] = []
        for item in error.errors(include_input=False, include_url=False, include_context=False)[:3]:
            name = str(item["loc"][0]) if item["loc"] else "body"
            said.append(f"{(names or {}).get(name, name)}: {item['msg']}")
        raise InvalidArgumentError("; ".join(said)) from None


def extra_fields(extra: Mapping[str, object], taken: Mapping[str, str], model: type[BaseModel]) -> dict[str, object]:
    """The keys of `extra`, each of which the service's request model has and no parameter of ours covers.

    Args:
        extra: what the caller gave, by the service's names.
        taken: the service's names that a parameter of ours covers, with that parameter.
        model: the generated request model.

    Raises:
        InvalidArgumentError: a key is unknown, or a parameter covers it.
    """
    known = {info.serialization_alias or name for name, info in model.model_fields.items()}
    for key in extra:
        if key in taken:
            raise InvalidArgumentError(f"extra[{shown(key)}] has a parameter of its own: {taken[key]}")
        if key not in known:
            free = sorted(name for name in known if name not in taken)
            raise InvalidArgumentError(
                f"extra[{shown(key)}] is no field of this service; there are {', '.join(free) or 'none'}"
            )
    return dict(extra)


def rows_of(
    response: Response, read: Callable[[Response], list[Row]], model: type[Row], page: int
) -> tuple[list[Row], list[Problem]]:
    """The rows of a page that is a bare array: at once, and one by one only when that fails."""
    try:
        return read(response), []
    except (ValueError, RecursionError):
        return read_rows(response, decoded(response), model, page)


@dataclass(frozen=True, slots=True)
class ArrayPages(Generic[Row]):
    """The pages of a listing that are bare arrays; the next one is named by a Link header, if by anything."""

    ask: Callable[[int], Call[list[Row]]]
    """The request for a page by its number, from 1."""
    model: type[Row]
    from_wire: Callable[[Row], Invitation]
    """Makes the invitation of a row; one for which it raises a `ValueError` or a `LookupError` becomes a problem."""

    def call(self, page: int) -> Call[list[Row]]:
        """The request for one page."""
        return self.ask(page)

    def read(self, response: Response, page: int) -> Reading:
        """What the page holds."""
        rows, problems = rows_of(response, self.ask(page).reader, self.model, page)
        following = page_in(next_link(response), page)
        # Where there is no other page, these are all.
        total = len(rows) + len(problems) if page == 1 and following is None else None
        found: list[Invitation] = []
        for row in rows:
            try:
                found.append(self.from_wire(row))
            except UNREADABLE as error:
                problems.append(
                    Problem(f"row: {type(error).__name__}", row.model_dump(mode="json", by_alias=True), page)
                )
        return Reading(found, problems, total, following)


def collected(flow: Flow[None]) -> Flow[tuple[list[Invitation], list[Problem]]]:
    """Everything that a listing emits."""
    rows: list[Invitation] = []
    problems: list[Problem] = []
    try:
        effect = next(flow)
        while True:
            if isinstance(effect, Emit):
                rows.extend(effect.page.invitations)
                problems.extend(effect.page.problems)
                effect = flow.send(None)
            else:
                effect = flow.send((yield effect))
    except StopIteration:
        return rows, problems
    finally:
        flow.close()


def open_for(rows: list[Invitation], problems: list[Problem], email: str) -> list[Invitation]:
    """The invitations for an address that are open, or may be: an unknown status counts as open.

    Raises:
        ResponseParseError: a row could not be read and may be one of them: whoever creates now might do it twice.
    """
    wanted = email.strip().lower()
    for problem in problems:
        said = _email_of(problem.row)
        if not isinstance(said, str) or said.strip().lower() == wanted:
            raise ResponseParseError(
                f"an invitation for this address may be open, but its row could not be read ({problem.reason})",
                status=200,
            )
    open_ones = [row for row in rows if row.is_open or row.status is Status.UNKNOWN]
    if any(row.email is None for row in open_ones):
        raise ResponseParseError("an open invitation may be for this address, but its row does not say", status=200)
    return [row for row in open_ones if (row.email or "").strip().lower() == wanted]


def _email_of(row: object) -> object:
    from invite_sdk._model.invitation import Invitation

    if isinstance(row, Invitation):
        return row.email
    return cast("dict[str, object]", row).get("email") if isinstance(row, dict) else None


def read_back(
    read: Callable[[], Flow[Invitation]], service: str, refetch: bool, known: InvitationFields
) -> Flow[Invitation]:
    """An invitation after a confirmed write: as the service has it now, or else what is known, marked as partial."""
    if refetch:
        try:
            return (yield from read())
        except InviteError:
            pass
    return partial(service, known)


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
        return (yield from write)
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


def refused_at_once(flow: Flow[T]) -> None:
    """Raises what a flow refuses before it does anything. The flow is not used any more."""
    try:
        next(flow, None)
    finally:
        flow.close()


def cannot_look() -> Flow[None]:
    """For a write that shows in nothing that could be read back."""
    yield from ()
    raise OutcomeUnknownError(_NOT_LOOKED, known=_NOT_LOOKED)


def partial(service: str, known: InvitationFields) -> Invitation:
    """An invitation of which only this is known."""
    fields: InvitationFields = {"id": None, "status": Status.UNKNOWN, **known, "partial": True}
    return invitation(service, None, fields)


def answered(
    ctx: Context,
    call: Call[Row],
    from_wire: Callable[[Row], Invitation],
    known: InvitationFields,
    id_key: str = "id",
) -> Flow[Invitation]:
    """The record that a write is answered with. One that cannot be read does not make a confirmed write look failed."""
    response = yield from exchange(ctx, call)
    try:
        return from_wire(read(call, response))
    except (ResponseParseError, *UNREADABLE):
        fields: InvitationFields = {"id": _id_in(ctx, response, id_key), "status": Status.UNKNOWN, **known}
        return invitation(ctx.service, None, {**fields, "partial": True})


def _id_in(ctx: Context, response: Response, key: str) -> str | None:
    try:
        said = decoded(response)
    except ResponseParseError:
        return None
    value = cast("dict[str, object]", said).get(key) if isinstance(said, dict) else None
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and is_id(ctx.id_kind, text) else None


def is_gone(get: Callable[[], Flow[Invitation]]) -> Flow[bool | None]:
    """True when there is no such invitation any more."""
    try:
        yield from get()
    except NotFoundError:
        return True
    return None


def shows(row: Invitation, email: str | None, role: str | None) -> bool:
    """Whether a row has the address and the role that it was to get."""
    has_email = email is None or (row.email or "").strip().lower() == email.strip().lower()
    return has_email and (role is None or bool(has_role(row, role)))


def unread_write(unread: ResponseParseError) -> OutcomeUnknownError:
    """The error for a write that the service confirmed in words that nobody can read."""
    made = OutcomeUnknownError(
        f"the service confirmed the write, but {unread.message}",
        known=f"the answer was {unread.status}",
        advice="read the invitation, or list the open ones, before trying again",
    )
    return remade(unread, made)


def _looked(ctx: Context, look: Callable[[], Flow[T | None]]) -> Flow[tuple[T | None, str]]:
    """What reading the state back shows, and that in words. Whoever settles this write further out looks no more."""
    ctx.was_looked_up = True
    try:
        found = yield from look()
    except NotFoundError:
        return None, _NOT_THERE
    except OutcomeUnknownError as error:
        return None, error.known
    except InviteError as error:
        return None, f"the state could not be read back ({type(error).__name__})"
    return found, "" if found is not None else _NOT_SHOWN


def claimed(ctx: Context, key: tuple[str, ...], work: Callable[[], Flow[T]]) -> Flow[T]:
    """The result of work that only one operation at a time in this process does for a key.

    Raises:
        DeadlineExceededError: somebody else was still at it when the deadline passed; nothing was sent.
    """
    full = (ctx.service, ctx.base_url, *key)
    ctx.deadline_at = (yield from now()).monotonic + ctx.options.deadline
    if not cast("bool", (yield Claim(full, ctx.options.deadline))):
        raise DeadlineExceededError("the deadline passed while another call for the same invitee was at work")
    return (yield from work())


def already_invited(error: APIError, existing: Invitation) -> AlreadyInvitedError:
    """The refusal of a second invitation, with the first."""
    words = "an open invitation for this invitee is there already; see .existing"
    made = remade(error, AlreadyInvitedError(words, status=error.status))
    made.existing = existing
    return made


def invited_as(existing: Invitation) -> AlreadyInvitedError:
    """The refusal, without asking the service, of a second invitation with another role."""
    made = AlreadyInvitedError(
        f"this address is invited already, as {existing.role}; update or cancel that invitation", status=409
    )
    made.existing = existing
    return made


def spelled(given: str, words: Iterable[str]) -> str:
    """The service's spelling of a word, found without regard to case; a word that a newer server may know as it is.

    The service judges it: a list of ours would refuse what it has learned since.
    """
    wanted = given.strip()
    return next((word for word in words if wanted.isascii() and wanted.lower() == word.lower()), given)
