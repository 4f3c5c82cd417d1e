"""What is counted, without a figure: invitations from whatever holds them, groups of them, and names that fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Literal, TypeAlias

from invite_clients._times import datetime
from invite_sdk import InvalidArgumentError, Invitation, Pager
from invite_sdk.hub import ClientResult, HubResult

By: TypeAlias = Literal["service", "organization", "role", "scope"]
Given: TypeAlias = Iterable[Invitation] | HubResult | ClientResult

TOP = 12
"""How many groups have a bar of their own."""
_LONGEST = 28
"""How many characters of a name are shown."""
_LISTED = 10
"""How many of several things a note names."""
_UNSAID = "(not said)"


@dataclass(frozen=True, slots=True)
class Group:
    """Some invitations that belong together: how many of each status, or of another kind."""

    name: str
    counts: Mapping[str, int]
    missing: str = ""
    """Why there may be more than is counted, in a word or two; nothing where all are counted."""

    @property
    def total(self) -> int:
        """How many it has."""
        return sum(self.counts.values())


def taken(given: Given) -> tuple[list[Invitation], list[str]]:
    """The invitations that something holds, and what is to be told of those that are missing.

    Raises:
        InvalidArgumentError: it holds none, or something else.
    """
    notes: list[str] = []
    if isinstance(given, ClientResult):
        given = HubResult((given,))
    if isinstance(given, HubResult):
        notes += incomplete(given)
        given = given.invitations
    if not isinstance(given, Iterable) or is_one(given):
        raise InvalidArgumentError(
            f"a plot is made of invitations, such as client.list() or a hub's result, not of {kind(given)}; "
            "what is asynchronous is awaited first: await hub.list()"
        )
    rows: list[Invitation] = []
    for row in given:
        if not isinstance(row, Invitation):
            raise InvalidArgumentError(f"a plot is made of invitations; {kind(row)} is among them")
        rows.append(row)
    if isinstance(given, Pager) and given.problems:
        notes.append(f"Not counted: {many(len(given.problems), 'row')} of the listing that could not be read.")
    return rows, notes


def is_one(given: object) -> bool:
    """Whether something is one thing, such as a text or a mapping, although Python can walk through it."""
    return isinstance(given, str | bytes | Mapping)


def incomplete(result: HubResult) -> list[str]:
    """What is to be told of the clients that did not answer as asked."""
    missing = [f"{fitting(one.client)} ({one.outcome})" for one in result if not one.ok]
    return [f"Not counted, or not all of it: {listed(missing, '; ')}."] if missing else []


def grouped(invitations: Iterable[Invitation], by: By) -> list[Group]:
    """The invitations by one of these, the largest group first, the small ones together.

    Organizations and scopes are told apart by service and id. Of one that is in two services each has its service in
    its name.
    """
    counts: dict[tuple[str, str], Counter[str]] = {}
    names: dict[tuple[str, str], str] = {}
    for one in invitations:
        key, name = _place(one, by)
        counts.setdefault(key, Counter())[one.status] += 1
        names[key] = names.get(key) or name
    fitted = {key: fitting(names[key] or key[1]) for key in counts}
    often = Counter(fitted.values())
    fitted |= {key: f"{name} ({fitting(key[0])})" for key, name in fitted.items() if key[0] and often[name] > 1}
    fitted = dict(zip(fitted, told_apart(fitted.values()), strict=True))
    groups = [Group(fitted[key], counted) for key, counted in counts.items()]
    return topped(sorted(groups, key=lambda group: (-group.total, group.name)))


def told_apart(names: Iterable[str]) -> list[str]:
    """The names, and those that occur more than once with numbers."""
    names = list(names)
    often, met = Counter(names), Counter[str]()
    told: list[str] = []
    for name in names:
        met[name] += 1
        told.append(f"{name} [{met[name]}]" if often[name] > 1 else name)
    return told


def _place(one: Invitation, by: By) -> tuple[tuple[str, str], str]:
    """What an invitation is grouped by, the service first where it matters, and what that is called."""
    if by == "service":
        return ("", one.service), one.service
    if by == "role":
        role = one.role or ", ".join(one.roles) or one.role_id or _UNSAID
        return ("", role), role
    name, known = (one.scope_name, one.scope_id) if by == "scope" else (one.organization_name, one.organization_id)
    name = name or ""
    found = known or name
    return (one.service, found) if found else ("", _UNSAID), name


def topped(groups: Sequence[Group]) -> list[Group]:
    """The groups as they are where they are few, else the largest, and all others as one."""
    if len(groups) <= TOP:
        return list(groups)
    largest = sorted(groups, key=lambda group: -group.total)
    others: Counter[str] = Counter()
    for group in largest[TOP:]:
        others.update(group.counts)
    reasons = Counter(group.missing for group in largest[TOP:] if group.missing)
    missing = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
    name = ", ".join(filter(None, (many(len(groups) - TOP, "other"), missing)))
    return [*largest[:TOP], Group(f"({name})", others, missing)]


def fitting(name: str) -> str:
    """A name on one line, without what cannot be printed, and cut where it is long, with how much was cut."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split()) or "(blank)"
    rest = len(line) - _LONGEST
    return line if rest <= 0 else f"{line[:_LONGEST]}... ({rest} more)"


def listed(words: Sequence[str], between: str = ", ") -> str:
    """The first of several words, and how many more there are."""
    more = len(words) - _LISTED
    return between.join(words[:_LISTED]) + (f"{between}... and {more:,} more" if more > 0 else "")


def zoned(time: datetime) -> datetime:
    """A time, in UTC where it says no offset."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time


def many(count: int, word: str) -> str:
    """So many of something, in words."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def percent(part: int, whole: int) -> str:
    """A share in whole percent; nothing of nothing is no share."""
    return f"{part / whole:.0%}" if whole else "none"


def kind(value: object) -> str:
    """What something is that should be something else, without what is in it."""
    return f"an object of the type {type(value).__name__}"
