"""The columns of a list: what a row of them means, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import cast

from invite_sdk import InvalidArgumentError, Scope
from invite_sdk.roster.rows import Row, RowProblem, checked, refused
from invite_sdk.roster.values import Unfit, email_of, json_of, line_of, lines_of, roles_of
from invite_sdk.services import shown

_EXTRA = "extra."
_COLUMNS = ("email", "role", "organization", "scope", "scope_type", "name", "message", "client")
_SCOPE_PARTS = {"type": "scope_type", "id": "scope", "organization": "organization"}
_MAX_FIELD = 100
_CHECKS: Mapping[str, Callable[[object], str]] = {"email": email_of, "message": lines_of}
_URL = re.compile(r"https?://", re.IGNORECASE)

Report = Callable[[str | None, str], None]
"""Takes a problem: the column that it is about, and the reason."""


@dataclass(slots=True)
class _Said:
    """What a row says, checked. A value that was reported is empty."""

    texts: dict[str, str] = field(default_factory=dict[str, str])
    roles: tuple[str, ...] | None = None
    extra: dict[str, object] = field(default_factory=dict[str, object])


class Rows:
    """Makes rows of what their columns say, and keeps everything that is wrong until the end.

    Args:
        defaults: values for columns that a row leaves empty.

    Raises:
        RosterError: a default cannot be right.
        InvalidArgumentError: they are no mapping.
    """

    def __init__(self, defaults: Mapping[str, object] | None) -> None:
        self._rows: list[Row] = []
        self._problems: list[RowProblem] = []
        given: object = {} if defaults is None else defaults
        if not isinstance(given, Mapping):
            raise InvalidArgumentError(f"defaults must be a mapping of columns to values, not {type(given).__name__}")
        self._defaults = self._said(0, cast("Mapping[object, object]", given))
        if self._problems:
            raise refused(self._problems, "what is given as defaults")

    def reports(self, line: int) -> Report:
        """What takes the problems of one line."""
        return lambda column, reason: self._problems.append(RowProblem(line, column, reason))

    def lacking(self, columns: list[str]) -> list[str]:
        """The columns that every row needs and that neither these nor the defaults have."""
        return [name for name in ("email", "role") if name not in columns and not self._has(self._defaults, name)]

    def add(self, line: int, given: Mapping[object, object]) -> None:
        """Takes a row, by the names of its columns."""
        before = len(self._problems)
        report = self.reports(line)
        own = self._said(line, given)
        for column in ("email", "role"):
            if not self._has(own, column) and not self._has(self._defaults, column):
                report(column, "missing; every row needs one, its own or a default")
        texts = {**self._defaults.texts, **own.texts}
        organization, scope = _place(texts, own.texts, report)
        if len(self._problems) > before:
            return
        roles = self._defaults.roles if own.roles is None else own.roles
        assert roles  # noqa: S101 - reported as missing
        row = Row(
            email=texts["email"],
            role=roles[0] if len(roles) == 1 else roles,
            organization=organization,
            scope=scope,
            name=texts.get("name"),
            message=texts.get("message"),
            extra={**self._defaults.extra, **own.extra},
            client=texts.get("client"),
            line=line,
        )
        self._rows.append(row)

    def done(self, name: str) -> list[Row]:
        """All rows.

        Raises:
            RosterError: there are problems, within rows or between them, or no rows.
        """
        checked(self._rows, self._problems, name=name)
        return self._rows

    @staticmethod
    def _has(said: _Said, column: str) -> bool:
        return said.roles is not None if column == "role" else column in said.texts

    def _said(self, line: int, given: Mapping[object, object]) -> _Said:
        report = self.reports(line)
        said = _Said()
        for column, value in _flat(given, report).items():
            try:
                if column == "role":
                    said.roles = ()
                    said.roles = roles_of(value)
                elif column.startswith(_EXTRA):
                    said.extra[column.removeprefix(_EXTRA)] = json_of(value)
                else:
                    said.texts[column] = ""
                    said.texts[column] = _CHECKS.get(column, line_of)(value)
            except Unfit as unfit:
                report(column, str(unfit))
        return said


@lru_cache(1024)
def column_of(name: str) -> str:
    """The column that a name means, by any capitals and with spaces around; those of extra fields keep theirs.

    Raises:
        Unfit: there is no such column.
    """
    plain = name.strip()
    column = plain.lower()
    if column in _COLUMNS:
        return column
    extra = plain[len(_EXTRA) :].strip()
    if column.startswith(_EXTRA) and extra.isprintable() and 0 < len(extra) <= _MAX_FIELD:
        return _EXTRA + extra
    near = get_close_matches(column[:_MAX_FIELD], _COLUMNS, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_COLUMNS)} and {_EXTRA}<field>"
    raise Unfit(f"{shown(plain)} is no column; {hint}")


def _flat(given: Mapping[object, object], report: Report) -> dict[str, object]:
    """What is given, by column; without what is empty."""
    flat: dict[str, object] = {}
    for name, value in given.items():
        try:
            for column, part in _parts(name, value):
                other = flat.setdefault(column, part)
                if other is not part and other != part:
                    report(column, "given twice, with different values; keep one")
        except Unfit as unfit:
            report(None, str(unfit))
    return flat


def _parts(name: object, value: object) -> Iterator[tuple[str, object]]:
    """The columns that one name gives a value: several for an object of extra fields or of a scope's parts."""
    if not isinstance(name, str):
        raise Unfit(f"the name of a column must be text, not {type(name).__name__}")
    plain = name.strip().lower()
    if plain == "extra" and not _is_empty(value):
        if not isinstance(value, Mapping):
            raise Unfit(f"extra must be an object of fields, not {type(value).__name__}; a column is extra.<field>")
        for key, part in cast("Mapping[object, object]", value).items():
            if not isinstance(key, str):
                raise Unfit(f"the name of an extra field must be text, not {type(key).__name__}")
            yield column_of(_EXTRA + key), part
    elif plain == "scope" and isinstance(value, (Scope, Mapping)):
        whole = (
            {"type": value.type, "id": value.id, "organization": value.organization}
            if isinstance(value, Scope)
            else cast("Mapping[object, object]", value)
        )
        for key in whole:
            if key not in _SCOPE_PARTS:
                raise Unfit(f"a scope has no {shown(key)}; it has type, id and organization")
        for key, column in _SCOPE_PARTS.items():
            if not _is_empty(whole.get(key)):
                yield column, whole.get(key)
    elif plain != "extra":
        column = column_of(name)
        if column.startswith(_EXTRA) or not _is_empty(value):
            yield column, value


def _place(texts: Mapping[str, str], own: Mapping[str, str], report: Report) -> tuple[str | None, Scope | str | None]:
    """The organization and the scope; what both defaults and the row's own columns say about them counts together."""
    scope, kind, organization = texts.get("scope"), texts.get("scope_type"), texts.get("organization")
    if "" in (scope, kind, organization):
        return None, None  # reported
    if scope is None:
        if "scope_type" in own:
            report("scope_type", "given without a scope; give both, or neither")
        return organization, None
    if not _URL.match(scope):
        if kind is None:
            report("scope", "must be a URL, or scope_type must say its type, such as project")
            return None, None
        return None, Scope(kind, scope, organization)
    for column in ("scope_type", "organization"):
        if column in own:
            report(column, "idle beside a scope that is a URL, which says it itself; leave it empty")
    return None, scope


def _is_empty(value: object) -> bool:
    return value is None or value in ([], ()) or (isinstance(value, str) and not value.strip())
