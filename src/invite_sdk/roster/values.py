"""The single values of a list: each is taken in one form, or told why it cannot be right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import cast
from unicodedata import name as name_of

from invite_sdk.roster.rows import role_form
from invite_sdk.services import address_form

_MAX_EMAIL = 254
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNFIT_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Unfit(Exception):  # noqa: N818 - caught here, and told as a problem of its row
    """A value cannot be right; its text is the reason."""


def _text(value: object, unfit: re.Pattern[str]) -> str:
    if not isinstance(value, str):
        raise Unfit(f"must be text, not {type(value).__name__}")
    text = value.strip()
    found = unfit.search(text)
    if found:
        code = ord(found.group())
        raise Unfit(f"holds a control character or half of one, U+{code:04X}, as character {found.start() + 1}")
    return text


def line_of(value: object) -> str:
    """A text of one line, without the spaces around it."""
    return _text(value, _UNFIT)


def lines_of(value: object) -> str:
    """A text that may have several lines."""
    return _text(value, _UNFIT_IN_LINES)


def email_of(value: object) -> str:
    """An address that a service could mail to."""
    text = line_of(value)
    for place, char in enumerate(() if text.isascii() else text, 1):
        # What is dropped when addresses are compared cannot be seen; nor can other spaces and formats.
        if not char.isascii() and (not char.isprintable() or address_form(f"a{char}") == "a"):
            seen = name_of(char, "a character without a name")
            raise Unfit(f"holds a character that nobody can see, {seen} (U+{ord(char):04X}), as character {place}")
    local, _, domain = text.partition("@")
    if not local or not domain or "@" in domain or len(text) > _MAX_EMAIL:
        raise Unfit("must be one address such as ann@example.org, of at most 254 characters")
    if any(char.isspace() or char in ",;<>" for char in text):
        raise Unfit("must be one bare address, without spaces, commas, semicolons or angle brackets")
    return text


def roles_of(value: object) -> tuple[str, ...]:
    """The roles, each once."""
    if not isinstance(value, (list, tuple)):
        return (line_of(value),)
    roles = [line_of(role) for role in cast("list[object]", value)]
    if not all(roles):
        raise Unfit("one of several is empty; take it out")
    once: dict[str, str] = {}
    for role in roles:
        once.setdefault(role_form(role), role)
    return tuple(once.values())


def json_of(value: object) -> object:
    """A copy of a value of JSON."""
    if isinstance(value, str):
        return lines_of(value)
    try:
        copied: object = json.loads(json.dumps(value, allow_nan=False))
        for text in _texts_in(copied):
            lines_of(text)
    except (TypeError, ValueError):
        raise Unfit("must be a value of JSON: text, a number, true, false, null, a list or an object") from None
    except RecursionError:
        raise Unfit("nested too deeply") from None
    return copied


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in cast("list[object]", value):
            yield from _texts_in(part)
    elif isinstance(value, dict):
        for key, part in cast("dict[str, object]", value).items():
            yield key
            yield from _texts_in(part)
