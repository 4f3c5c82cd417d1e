"""What is counted, without a figure: invitations from whatever holds them, groups of them, and names that fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from invite_sdk import InvalidArgumentError, Invitation, Pager
from invite_sdk.hub import ClientResult, HubResult

By: TypeAlias = Literal["service", "organization", "role", "scope"]
Given: TypeAlias = Iterable[Invitation] | HubResult | ClientResult

TOP = 12
"""How many groups have a bar of their own."""
_LONGEST = 28
"""How many characters of a name are shown."""
_UNSAID = "(not said)"


@dataclass(frozen=True, slots=True)
class Group:
    """Some invitations that belong together: how many of each status, or of another kind."""

    name: str
    counts: Mapping[str, int]

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
    if not isinstance(given, Iterable):
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


def incomplete(result: HubResult) -> list[str]:
    """What is to be told of the clients that did not answer as asked."""
    missing = [f"{fitting(one.client)} ({one.outcome})" for one in result if not one.ok]
    return [f"Not counted, or not all of it: {'; '.join(missing)}."] if missing else []


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
    often, met = Counter(fitted.values()), Counter[str]()
    for key, name in fitted.items():
        if often[name] > 1:
            met[name] += 1
            fitted[key] = f"{name} [{met[name]}]"
    groups = [Group(fitted[key], counted) for key, counted in counts.items()]
    return topped(sorted(groups, key=lambda group: (-group.total, group.name)))


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
    return [*largest[:TOP], Group(f"({len(groups) - TOP} others)", others)]


def fitting(name: str) -> str:
    """A name on one line, without what cannot be printed, and cut where it is long, with how much was cut."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split()) or "(blank)"
    rest = len(line) - _LONGEST
    return line if rest <= 0 else f"{line[:_LONGEST]}... ({rest} more)"


def many(count: int, word: str) -> str:
    """So many of something, in words."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def percent(part: int, whole: int) -> str:
    """A share in whole percent; nothing of nothing is no share."""
    return f"{part / whole:.0%}" if whole else "none"


def kind(value: object) -> str:
    """What something is that should be something else, without what is in it."""
    return f"an object of the type {type(value).__name__}"
