"""Reads the body of a refusal: objects, arrays, field maps, FastAPI's three shapes, codes, HTML, text and nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Literal, cast

from invite_clients._runtime import Response

Shape = Literal["empty", "html", "text", "array", "detail", "fields", "general", "code"]
"""What kind of body a refusal has; the tables that choose an error class go by it, never by the words in it.

`fields` names single fields, `general` is the same kind of object with words about the whole only.
"""

_MAX_TEXT = 4_096
_GENERAL = ("non_field_errors", "__all__")
_CLASS_NAME = re.compile(r"[A-Z][A-Za-z0-9]+")
_LOCATIONS = ("body", "query", "path", "header", "cookie")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What a refusal's body says."""

    shape: Shape
    messages: tuple[str, ...] = ()
    field_errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    code: str | None = None
    text: str = ""


def read_error_body(response: Response) -> ErrorBody:
    """The body of a refusal. Never raises: what cannot be read is kept as text."""
    text = response.body[: _MAX_TEXT * 4].decode("utf-8", "replace")[:_MAX_TEXT]
    if not text.strip():
        return ErrorBody("empty")
    content_type = (response.header("content-type") or "").lower()
    try:
        value = cast("object", json.loads(response.body))
    except (ValueError, RecursionError):
        if "html" in content_type or text.lstrip().startswith("<"):
            title = _TITLE.search(text)
            return ErrorBody("html", (" ".join(title.group(1).split()),) if title else (), text=text)
        return ErrorBody("text", (text.strip()[:200],), text=text)
    if isinstance(value, list):
        return ErrorBody("array", _sentences(cast("list[object]", value)), text=text)
    if isinstance(value, dict):
        return _read_object(cast("dict[str, object]", value), text)
    return ErrorBody("text", _sentences(value), text=text)


def _read_object(value: dict[str, object], text: str) -> ErrorBody:
    code = value.get("code")
    if isinstance(code, str):
        said = _sentences(value.get("message")) or _sentences(value.get("detail"))
        return ErrorBody("code", said, code=code, text=text)
    detail = value.get("detail")
    if "detail" in value and (len(value) == 1 or not isinstance(detail, list)):
        return _read_detail(detail, text)
    if set(value) <= {"message", "error", "detail"}:
        return ErrorBody("detail", tuple(s for part in value.values() for s in _sentences(part)), text=text)
    general = tuple(sentence for key in _GENERAL for sentence in _sentences(value.get(key)))
    fields: dict[str, tuple[str, ...]] = {}
    for key, said in value.items():
        if key not in _GENERAL:
            _flatten(key, said, fields)
    return ErrorBody("fields" if fields else "general", general, fields, text=text)


def _read_detail(detail: object, text: str) -> ErrorBody:
    """`detail` as a sentence, a list of sentences, a class and its message, or a list of objects."""
    if not isinstance(detail, list):
        return ErrorBody("detail", _sentences(detail), text=text)
    items = cast("list[object]", detail)
    strings = [item for item in items if isinstance(item, str)]
    if len(items) == len(strings) == 2 and _CLASS_NAME.fullmatch(strings[0]):
        return ErrorBody("detail", (strings[1],), code=strings[0], text=text)
    general: list[str] = []
    fields: dict[str, tuple[str, ...]] = {}
    for item in items:
        if not isinstance(item, dict):
            general.extend(_sentences(item))
            continue
        entry = cast("dict[str, object]", item)
        said = _sentences(entry.get("msg", entry.get("error_detail", entry.get("detail", entry.get("message")))))
        name = _field_name(entry)
        if name:
            fields[name] = fields.get(name, ()) + said
        else:
            general.extend(said)
    return ErrorBody("fields" if fields else "detail", tuple(general), fields, text=text)


def _field_name(entry: Mapping[str, object]) -> str:
    location = entry.get("loc")
    if isinstance(location, list):
        parts = [str(part) for part in cast("list[object]", location)]
        return ".".join(parts[1:] if parts[:1] and parts[0] in _LOCATIONS and len(parts) > 1 else parts)
    name = entry.get("parameter_name")
    return name if isinstance(name, str) else ""


def _flatten(key: str, said: object, into: dict[str, tuple[str, ...]]) -> None:
    if isinstance(said, dict):
        for inner, value in cast("dict[str, object]", said).items():
            _flatten(f"{key}.{inner}", value, into)
    else:
        into[key] = _sentences(said)


def _sentences(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list):
        return tuple(sentence for item in cast("list[object]", value) for sentence in _sentences(item))
    if isinstance(value, (int, float)):
        return (str(value),)
    return (json.dumps(value, ensure_ascii=False),)


def retry_after(response: Response, now: float) -> float | None:
    """Retry-After in seconds from `now` (a Unix time), from either of its forms; `None` when there is none to read."""
    said = (response.header("retry-after") or "").strip()
    if not said:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", said, re.ASCII):
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - now)
    except (ValueError, OverflowError):
        return None
