"""Listings over numbered pages: windows of requests, the end signal, and rows that cannot be read.

Which page is next, and how every row is met while others write, is in `walk`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

from invite_clients._runtime import Call, Response
from invite_sdk._errors.tree import NotFoundError
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Emit, Flow, LookupPage, Page, Sleep
from invite_sdk._flows.exchange import exchange_all, now
from invite_sdk._flows.filters import sift
from invite_sdk._flows.outcomes import UNREADABLE, faults, parse_error
from invite_sdk._flows.walk import Identified, Reading, Walk
from invite_sdk._flows.writes import Writes
from invite_sdk._model.lists import InvitationList
from invite_sdk._model.records import Problem

if TYPE_CHECKING:
    from pydantic import BaseModel
    from typing_extensions import TypeVar as Defaulting

    from invite_sdk._model.invitation import Invitation

    Met = Defaulting("Met", bound=Identified, default=Invitation)
else:  # Python has defaults from 3.13 on
    Met = TypeVar("Met")


MAX_WINDOW = 8
"""How many pages are asked for at once, at the most."""
_MAX_PROBLEMS = 1_000
"""Unreadable rows of one page after which the page is none."""

_NEXT = re.compile(r'(?:^|,)\s*<([^<>]*)>\s*;\s*rel="next"\s*(?=,|$)')
"""The usual form, which is found in no link that is about something else."""
_USUAL = re.compile(r'<([^<>]*)>; rel="([a-z]+)"(?:, |$)')
_ALL_USUAL = re.compile(rf"(?:{_USUAL.pattern})+")
"""The form in which Django and most others write links, which takes less time to read than every form."""
_TARGET = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(r'\s*;\s*(?:([^\s=;,"<>]+)\s*(?:=\s*(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s;,"]*)))?)?')
_END = re.compile(r"\s*(?:,|$)")
_AGAIN = re.compile(r",\s*(?=<)")

_OTHERS = (("first",), ("prev", "previous"), ("last",))
"""The relations to pages other than the next."""

Row = TypeVar("Row", bound="BaseModel")
Made = TypeVar("Made")
MakePage: TypeAlias = Callable[[list[Met], int, "int | None", tuple[Problem, ...]], "Page | LookupPage[Any]"]


class Pages(Protocol[Met]):
    """What a service's file says about its listing."""

    def call(self, page: int) -> Call[object]:
        """The request for one page, numbered from 1."""
        ...

    def read(self, response: Response, page: int) -> Reading[Met]:
        """What the page holds."""
        ...


def _invitations(rows: list[Any], number: int, total: int | None, problems: tuple[Problem, ...]) -> Page:
    return Page(InvitationList(rows), number, total, problems)


def listing(
    ctx: Context,
    pages: Pages[Met],
    checks: Mapping[str, Callable[[Met], bool | None]],
    limit: int | None,
    max_window: int = MAX_WINDOW,
    *,
    then: Iterable[Pages[Met]] = (),
    page: MakePage[Met] = _invitations,
    writes: Writes | None = None,
) -> Flow[None]:
    """Emits the pages of a listing, each row once, until the service says that there are no more.

    Args:
        ctx: the operation's.
        pages: how a page is asked for and read.
        checks: what is checked on every row, by the name of its filter.
        limit: how many rows at the most.
        max_window: how many pages may be asked for at once.
        then: lists that follow, as if all were one: a row that comes to a later one meanwhile is not met again.
        page: what is made of the rows of a page: unless given, they are invitations.
        writes: the writes that may move rows meanwhile; unless given, those of the client.
    """
    left, before, met = limit, 0, set[str]()
    for part in (pages, *then):
        left, before = yield from _listed(
            ctx, part, checks, left, max_window, before, met, page, ctx.writes if writes is None else writes
        )


def _listed(
    ctx: Context,
    pages: Pages[Met],
    checks: Mapping[str, Callable[[Met], bool | None]],
    left: int | None,
    max_window: int,
    before: int,
    met: set[str],
    page: MakePage[Met],
    writes: Writes,
) -> Flow[tuple[int | None, int]]:
    """Emits the pages of one list, numbered from `before` on; how many rows are still wanted, and the last number."""
    watch = writes.watch()
    watch.gains, watch.narrows, watch.met = ctx.gains, ctx.narrows, met
    walk = Walk(watch, 1.5 * ctx.options.deadline)
    try:
        while walk.page is not None and left != 0:
            if walk.pause:
                yield Sleep(min(walk.pause, ctx.time_left((yield from now()).monotonic)))
            # Rows that a check drops would make a limit ask for too few pages at once, which only costs time.
            asked = walk.window(max_window, left)
            ctx.renew_deadline()
            try:
                responses = yield from exchange_all(ctx, [pages.call(number) for number in asked])
            except NotFoundError:
                if asked[0] == 1:
                    raise
                responses = []
            walk.arrived(0.0 if watch.is_quiet else (yield from now()).monotonic)
            if not responses:
                walk.shrank(asked)
                continue
            for number in asked:
                # One page at a time is held in full, however many were asked for at once.
                reading = pages.read(responses.pop(0), number)
                walk.took(number, reading)
                fitting, untold = sift(walk.unseen(reading.rows), checks)
                if left is not None:
                    fitting = fitting[:left]
                    left -= len(fitting)
                problems = [*walk.unmet(reading.problems), *(Problem(reason, row, number) for row, reason in untold)]
                if before:
                    problems = [replace(problem, page=before + problem.page) for problem in problems]
                total = reading.total if walk.has_total else None
                yield Emit(page(fitting, before + number, total, tuple(problems)))
                if left == 0:
                    return left, before
            walk.advance(asked)
        return left, before + walk.reached
    finally:
        writes.leave(watch)


class Following(NamedTuple):
    """What the Link headers of a page say of the next."""

    page: int | None
    """Its number."""
    is_said: bool
    """Whether they say whether there is one: without `next`, they do by two of the other links to pages.

    One alone may be of somebody else, such as a proxy.
    """
    is_whole: bool
    """Whether all of them could be read."""


def following(response: Response, page: int) -> Following:
    """What the Link headers of a page say of the next.

    Args:
        response: the page.
        page: its number.
    """
    targets, is_whole = _links(response)
    if not targets:
        return Following(None, False, is_whole)
    if "next" in targets:
        return Following(page_in(targets["next"] or "?", page), True, is_whole)
    is_last = is_whole and sum(not targets.keys().isdisjoint(names) for names in _OTHERS) > 1
    return Following(None, is_last and (_number(targets.get("last", "")) or 0) <= page, is_whole)


def next_link(response: Response) -> str | None:
    """The `next` target of the Link headers, read by RFC 8288; `None` where there is none."""
    return _links(response)[0].get("next")


def _links(response: Response) -> tuple[dict[str, str], bool]:
    """The first target of each relation of this page, and whether all headers could be read.

    Where there is a `next` in its usual form, nothing else is looked at.
    """
    said = response.every("link")
    for header in said:
        if usual := _NEXT.search(header):
            return {"next": usual[1]}, True
    if len(said) == 1 and _ALL_USUAL.fullmatch(said[0]):
        return {relation: target.strip() for target, relation in reversed(_USUAL.findall(said[0]))}, True
    targets: dict[str, str] = {}
    is_whole = True
    for header in said:
        place, end = 0, len(header)
        while place < end:
            target = _TARGET.match(header, place)
            if target is not None:
                parameters, place = _parameters(header, target.end())
                # With an anchor a link is about something else.
                for relation in () if parameters.get("anchor") else parameters.get("rel", "").lower().split():
                    targets.setdefault(relation, target[1].strip())
            close = _END.match(header, place)
            if target is None and not header[place:].strip(" \t,"):
                break
            if target is None or close is None:
                is_whole = False
                close = _AGAIN.search(header, place)
            place = end if close is None else close.end()
    return targets, is_whole


def _parameters(header: str, place: int) -> tuple[dict[str, str], int]:
    """The parameters of a link by lower-case name, of several the first, and where they end."""
    found: dict[str, str] = {}
    while parameter := _PARAMETER.match(header, place):
        place = parameter.end()
        name, quoted, bare = parameter.groups()
        if name is not None:
            found.setdefault(name.lower(), bare or "" if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
    return found, place


def page_in(url: str | None, current: int) -> int | None:
    """The page number in a `next` link; nothing else of the link is used. A link without one means the page after."""
    if not url:
        return None
    number = _number(url)
    return current + 1 if number is None else number


def _number(url: str) -> int | None:
    """The page number in a link."""
    try:
        number = dict(parse_qsl(urlsplit(url).query)).get("page", "")
    except ValueError:  # such as brackets in the host that hold no address
        return None
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None


def read_rows(response: Response, rows: object, model: type[Row], page: int) -> tuple[list[Row], list[Problem]]:
    """The rows of a page that did not validate as a whole, one by one: a bad row becomes a problem, no more.

    Args:
        response: the answer, for the error.
        rows: the decoded JSON that should be the array of rows.
        model: the wire model of a row.
        page: the page's number, for the problems.

    Raises:
        ResponseParseError: it is no array at all, or more than a thousand of its rows cannot be read.
    """
    from pydantic import ValidationError as PydanticError

    if not isinstance(rows, list):
        raise parse_error(response, ValueError(f"expected an array of rows, got {type(rows).__name__}"))
    good: list[Row] = []
    problems: list[Problem] = []
    for row in cast("list[object]", rows):
        try:
            # As JSON again, so that a row alone may hold no more than it may within a page: no half of a character.
            good.append(model.model_validate_json(json.dumps(row)))
        except PydanticError as error:
            problems.append(Problem(faults(error, "row"), row, page))
        except (ValueError, RecursionError):
            problems.append(Problem("row: it is nested too deeply", row, page))
        if len(problems) > _MAX_PROBLEMS:
            raise parse_error(response, ValueError(f"expected rows; more than {_MAX_PROBLEMS} cannot be read"))
    return good, problems


def made_of(rows: Iterable[Row], from_wire: Callable[[Row], Made], page: int) -> tuple[list[Made], list[Problem]]:
    """The invitations of rows, or the roles or scopes; a row that its author cannot read becomes a problem, no more."""
    found: list[Made] = []
    problems: list[Problem] = []
    for row in rows:
        try:
            found.append(from_wire(row))
        except UNREADABLE as error:
            said = row.model_dump(mode="json", by_alias=True)
            problems.append(Problem(f"row: {type(error).__name__}", said, page))
    return found, problems


def decoded(response: Response) -> object:
    """The JSON of an answer.

    Raises:
        ResponseParseError: it is no JSON.
    """
    try:
        return cast("object", json.loads(response.body))
    except (ValueError, RecursionError):
        raise parse_error(response, ValueError("expected JSON")) from None
