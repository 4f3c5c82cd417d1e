"""What the services' files share: times, request bodies checked before they are sent, rows, reading back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Generic, TypeVar, cast
from urllib.parse import urlsplit

from invite_clients._runtime import Call, Response
from invite_clients._values import value_class
from invite_sdk._errors.tree import InvalidArgumentError, InviteError, ResponseParseError
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Emit, Flow
from invite_sdk._flows.exchange import exchange
from invite_sdk._flows.outcomes import UNREADABLE, read, told
from invite_sdk._flows.paging import decoded, following, made_of, read_rows
from invite_sdk._flows.walk import Reading
from invite_sdk._model.ids import is_id
from invite_sdk._model.records import InvitationFields, Problem, Status
from invite_sdk._privacy.masking import mask_key
from invite_sdk._privacy.texts import shown

if TYPE_CHECKING:
    from pydantic import BaseModel, SecretStr
    from typing_extensions import TypeVar as WithDefault

    from invite_clients._times import datetime
    from invite_sdk._model.invitation import Acceptance, EnsureResult, Invitation
    from invite_sdk._model.lookups import RoleInfo, ScopeInfo

    Made = WithDefault("Made", bound="Invitation | RoleInfo | ScopeInfo", default="Invitation")
else:  # Python has defaults from 3.13 on
    Made = TypeVar("Made")

Model = TypeVar("Model", bound="BaseModel")
Row = TypeVar("Row", bound="BaseModel")


_WRAPPERS = frozenset({"data", "invitation", "invite", "item", "result"})
"""What may stand around a record that a server wraps."""

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


@value_class
class ArrayPages(Generic[Row, Made]):
    """The pages of invitations, roles or scopes that are bare arrays; a Link header names the next, if anything does.

    Where no Link header says whether there is another page, the next is asked for, until one is empty, is not there or
    brings nothing new: unless `ask` makes the same request for every page, or a page has fewer rows than `size`.
    """

    ask: Callable[[int], Call[list[Row]]]
    """The request for a page by its number, from 1."""
    model: type[Row]
    from_wire: Callable[[Row], Made]
    """Makes the invitation of a row, or its role or scope; one over which it fails, as with a `KeyError`, becomes a
    problem."""
    size: int | None = None
    """How many rows are asked for, where the service is sure to give as many while it has them; no more than it ever
    gives. It saves the request past the end."""

    def call(self, page: int) -> Call[list[Row]]:
        """The request for one page."""
        return self.ask(page)

    def read(self, response: Response, page: int) -> Reading[Made]:
        """What the page holds."""
        rows, problems = rows_of(response, self.ask(page).reader, self.model, page)
        held = len(rows) + len(problems)
        link = following(response, page)
        is_short = self.size is not None and held < self.size and link.is_whole
        is_said = link.is_said or is_short or self.ask(page).request == self.ask(page + 1).request
        # Where there is no other page, these are all.
        total = held if page == 1 and is_said and link.page is None else None
        found, unread = made_of(rows, self.from_wire, page)
        return Reading(found, [*problems, *unread], total, link.page, None if is_said else self.size or 0)


def collected(flow: Flow[None]) -> Flow[tuple[list[Invitation], list[Problem]]]:
    """Everything that a listing emits."""
    rows: list[Invitation] = []
    problems: list[Problem] = []
    try:
        effect = next(flow)
        while True:
            if isinstance(effect, Emit):
                rows.extend(effect.page.rows)
                problems.extend(effect.page.problems)
                effect = flow.send(None)
            else:
                effect = flow.send((yield effect))
    except StopIteration:
        return rows, problems
    finally:
        flow.close()


def read_back(
    read: Callable[[], Flow[Invitation]], service: str, refetch: bool, known: InvitationFields
) -> Flow[Invitation]:
    """An invitation after a confirmed write: as the service has it now, or else what is known, marked as partial."""
    if refetch:
        try:
            return (yield from read())
        except (InviteError, *UNREADABLE):
            pass
    return partial(service, known)


def with_answer(ctx: Context, made: Invitation, key: str | None = None) -> Invitation:
    """An invitation with the answer that confirmed its write, for whoever wants to know what else was said.

    Args:
        ctx: the operation's.
        made: the invitation.
        key: an invite key that the answer holds.
    """
    from invite_sdk._model.invitation import answered_with

    said = None if ctx.answer is None else told(ctx.answer, ctx.sent)
    if not said:
        return made
    return answered_with(made, said.replace(key, mask_key(key)) if key else said)


def texts_in(
    said: object, names: Collection[str], refusals: Collection[str] = ("error", "errors"), depth: int = 4
) -> Iterator[str]:
    """The texts and whole numbers that stand in an answer under one of these names, whatever is wrapped around them.

    Args:
        said: the decoded answer.
        names: in small letters, without dashes and underscores.
        refusals: names that stand in what tells of an error, which names nothing that was made.
        depth: how much may be wrapped around them.
    """
    if isinstance(said, str) or type(said) is int:
        yield str(said)
    elif isinstance(said, list) and depth:
        several = cast("list[object]", said)
        if len(several) == 1:
            yield from texts_in(several[0], names, refusals, depth - 1)
    elif isinstance(said, dict) and depth:
        members = {_plain(name): value for name, value in cast("dict[str, object]", said).items()}
        if not any(members.get(name) for name in refusals):
            for name, value in members.items():
                if name in names or name in _WRAPPERS:
                    yield from texts_in(value, names, refusals, depth - 1)


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def partial(service: str, known: InvitationFields) -> Invitation:
    """An invitation of which only this is known."""
    fields: InvitationFields = {"id": None, "status": Status.UNKNOWN, **known, "partial": True}
    return invitation(service, None, fields)


def unheard(ctx: Context, known: InvitationFields) -> Invitation:
    """What is known of an invitation after a confirmed write whose answer could not be read, with what came of that."""
    return with_answer(ctx, partial(ctx.service, known))


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
        fields: InvitationFields = {"id": _id_in(ctx, response, id_key), **known}
        return unheard(ctx, fields)


def _id_in(ctx: Context, response: Response, key: str) -> str | None:
    try:
        said = decoded(response)
    except ResponseParseError:
        return None
    names = {_plain(key)}
    found = {text for text in texts_in(said, names) if is_id(ctx.id_kind, text)}
    return found.pop() if len(found) == 1 else None


def spelled(given: str, words: Iterable[str]) -> str:
    """The service's spelling of a word, found without regard to case; a word that a newer server may know as it is.

    The service judges it: a list of ours would refuse what it has learned since.
    """
    wanted = given.strip()
    return next((word for word in words if wanted.isascii() and wanted.lower() == word.lower()), given)
