"""Values as text that can neither move a terminal's cursor nor break a row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import cast
from unicodedata import category

_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def cell(value: object) -> str:
    """A value as one line of text: nothing where there is none, several with a `|` between them, as lists have it."""
    return safe(raw(value))


def raw(value: object) -> str:
    """A value as text, as it is."""
    plain = _plain(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, list):
        return "|".join(map(raw, cast("list[object]", plain)))
    return _json(cast("object", plain)) if isinstance(plain, dict) else str(plain)


def spreadsheet(value: object) -> str:
    """A value as a cell of a spreadsheet: one that would be a formula begins with a ', and lines stay lines."""
    text = "\n".join(map(safe, raw(value).replace("\r\n", "\n").split("\n")))
    is_formula = not isinstance(value, (int, float)) and text.lstrip().startswith(_FORMULA)
    return f"'{text}" if is_formula else text


def json_line(row: Mapping[str, object]) -> str:
    """A row as JSON on one line. What cannot be seen is escaped as JSON has it, so nothing of it is lost."""
    return _json(dict(row))


def safe(text: str) -> str:
    """A text with what cannot be seen escaped: control characters, and those that turn the direction of writing."""
    if text.isprintable():
        return text
    return "".join(char if _is_visible(char) else _escaped(char) for char in text)


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=_plain)
    if text.isprintable():
        return text
    return "".join(char if _is_visible(char) else json.dumps(char)[1:-1] for char in text)


def _plain(value: object) -> object:
    """A value as JSON knows it."""
    from invite_clients._times import datetime

    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (tuple, frozenset, set)):
        return list(cast("Iterable[object]", value))
    if value is None or isinstance(value, (str, int, float, list, dict)):
        return cast("object", value)
    return str(value)


def _is_visible(char: str) -> bool:
    return char.isprintable() or category(char) == "Zs"


def _escaped(char: str) -> str:
    number = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
