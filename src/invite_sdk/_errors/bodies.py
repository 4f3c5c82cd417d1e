"""Reads the body of a refusal: objects, arrays, field maps, FastAPI's three shapes, codes, HTML, text and nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal, cast

from invite_clients._runtime import Response
from invite_clients._values import value_class
from invite_sdk._privacy.texts import shown

Shape = Literal["empty", "html", "text", "array", "detail", "fields", "general", "code"]
"""What kind of body a refusal has; the tables that choose an error class go by it, never by the words in it.

`fields` names single fields, `general` is the same kind of object with words about the whole only.
"""

ASKED_FOR = frozenset({"gzip", "x-gzip", "deflate"})
"""How a body may be compressed: requests ask for these, and the HTTP clients undo them."""
_MAX_TEXT = 4_096
_MAX_PARSED = 1024 * 1024
_MAX_SAID = 100
_MAX_SENTENCE = 1_000
_MAX_DEPTH = 16
_MAX_WAIT = 1e9
_GENERAL = ("non_field_errors", "__all__")
_CLASS_NAME = re.compile(r"[A-Z][A-Za-z0-9]+")
_LOCATIONS = ("body", "query", "path", "header", "cookie")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@value_class
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
    try:
        value = _json(response.body)
    except (ValueError, RecursionError):
        if unasked := unasked_encoding(response):
            return ErrorBody("text", (f"its body {unasked}",), text=text)
        content_type = (response.header("content-type") or "").lower()
        if "html" in content_type or text.lstrip().startswith("<"):
            title = _TITLE.search(text)
            return ErrorBody("html", _sentences(" ".join(title.group(1).split())) if title else (), text=text)
        return ErrorBody("text", _sentences(text.strip()[:200]), text=text)
    members = _members(value)
    if members is not None:
        return _read_object(members, text)
    items = _items(value)
    if items is not None:
        return ErrorBody("array", _sentences(items), text=text)
    return ErrorBody("text", _sentences(value), text=text)


def codings(encoding: str | None) -> list[str]:
    """How a body was compressed, in order, as a Content-Encoding header says; nothing for one that was not."""
    if not encoding:
        return []
    named = [name.strip().lower() for name in encoding.split(",")]
    return [name for name in named if name not in ("", "identity")]


def unasked_encoding(response: Response) -> str | None:
    """Words about a body that was compressed as nobody had asked for, which explains that it cannot be read."""
    said = ",".join(value for name, value in response.headers if name.lower() == "content-encoding")
    named = codings(said)
    if len(named) <= 1 and ASKED_FOR.issuperset(named):
        return None
    return f"came with Content-Encoding {shown(', '.join(named))}, which was not asked for"


def is_page(response: Response) -> bool:
    """Whether an answer is a page for people, which none of the services gives: something before them answered."""
    return response.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _json(body: bytes) -> object:
    """The JSON of a body. Raises `ValueError` for none, and for more than any refusal says."""
    if len(body) > _MAX_PARSED:
        raise ValueError("too long to be read")
    return cast("object", json.loads(body))


def _read_object(value: dict[str, object], text: str) -> ErrorBody:
    code = value.get("code")
    if isinstance(code, (str, int)) and not isinstance(code, bool):
        words = _sentences(value.get("message")) or _sentences(value.get("detail"))
        return ErrorBody("code", words, code="".join(_sentences(code)) or None, text=text)
    detail = value.get("detail")
    if "detail" in value and (len(value) == 1 or not isinstance(detail, list)):
        return _read_detail(detail, text)
    if set(value) <= {"message", "error", "detail"}:
        return ErrorBody("detail", _sentences(list(value.values())), text=text)
    if isinstance(value.get("message"), str) and not any(
        isinstance(said, (dict, list)) for key, said in value.items() if key != "errors"
    ):
        return _read_message(value, text)
    general = _sentences([value.get(key) for key in _GENERAL])
    fields: dict[str, tuple[str, ...]] = {}
    for key, said in value.items():
        if key not in _GENERAL:
            _flatten(key, said, fields)
            if len(fields) >= _MAX_SAID:
                break
    return ErrorBody("fields" if fields else "general", general, fields, text=text)


def _read_message(value: dict[str, object], text: str) -> ErrorBody:
    """A `message`, and perhaps `errors`: sentences, or objects that name a field, a code and not always a message."""
    general = list(_sentences(value["message"]))
    fields: dict[str, tuple[str, ...]] = {}
    code: str | None = None
    for item in (_items(value.get("errors")) or [])[:_MAX_SAID]:
        entry = _members(item)
        if entry is None:
            general.extend(_sentences(item))
            continue
        said, name = _sentences(entry.get("message", entry.get("code"))), entry.get("field")
        code = code or ("".join(_sentences(entry["code"])) if isinstance(entry.get("code"), str) else None)
        if isinstance(name, str) and name:
            key = "".join(_sentences(name))
            fields[key] = fields.get(key, ()) + said
        else:
            general.extend(said)
    return ErrorBody("fields" if fields else "detail", tuple(general), fields, code=code or None, text=text)


def _read_detail(detail: object, text: str) -> ErrorBody:
    """`detail` as a sentence, a list of sentences, a class and its message, or a list of objects."""
    items = _items(detail)
    if items is None:
        return ErrorBody("detail", _sentences(detail), text=text)
    strings = [item for item in items if isinstance(item, str)]
    if len(items) == len(strings) == 2 and _CLASS_NAME.fullmatch(strings[0]):
        return ErrorBody("detail", _sentences(strings[1]), code="".join(_sentences(strings[0])), text=text)
    general: list[str] = []
    fields: dict[str, tuple[str, ...]] = {}
    for item in items[:_MAX_SAID]:
        entry = _members(item)
        if entry is None:
            general.extend(_sentences(item))
            continue
        said = _sentences(entry.get("msg", entry.get("error_detail", entry.get("detail", entry.get("message")))))
        name = _field_name(entry)
        if name:
            fields[name] = fields.get(name, ()) + said
        else:
            general.extend(said)
    return ErrorBody("fields" if fields else "detail", tuple(general), fields, text=text)


def _field_name(entry: Mapping[str, object]) -> str:
    location = entry.get("loc")
    if (steps := _items(location)) is not None:
        parts = _sentences(steps)[:_MAX_DEPTH]
        return ".".join(parts[1:] if parts[:1] and parts[0] in _LOCATIONS and len(parts) > 1 else parts)
    name = entry.get("parameter_name")
    return "".join(_sentences(name)) if isinstance(name, str) else ""


def _flatten(key: str, said: object, into: dict[str, tuple[str, ...]], depth: int = 0) -> None:
    """What is said about a field, and under dotted names about the fields in it."""
    inner = _members(said) if depth < _MAX_DEPTH else None
    if inner:
        for name, value in inner.items():
            if len(into) >= _MAX_SAID:
                return
            _flatten(f"{key[:_MAX_SENTENCE]}.{name}", value, into, depth + 1)
    elif len(into) < _MAX_SAID:
        into["".join(_sentences(key))] = _sentences(said)


def _sentences(value: object) -> tuple[str, ...]:
    """Everything that a value says, in order: so many sentences, so long and so deep as a person may still read."""
    said: list[str] = []
    _collect(value, said, 0)
    return tuple(said)


def _collect(value: object, said: list[str], depth: int) -> None:
    if value is None or value == "" or len(said) >= _MAX_SAID:
        return
    items = _items(value) if depth < _MAX_DEPTH else None
    if items is not None:
        for item in items[:_MAX_SAID]:
            _collect(item, said, depth + 1)
        return
    text = value if isinstance(value, str) else _dumped(value)
    # A lone surrogate is valid in JSON, and can be neither printed nor stored.
    said.append(text[:_MAX_SENTENCE].encode("utf-8", "replace").decode())


def _members(value: object) -> dict[str, object] | None:
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def _items(value: object) -> list[object] | None:
    return cast("list[object]", value) if isinstance(value, list) else None


def _dumped(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "..."


def retry_after(response: Response, now: float) -> float | None:
    """Retry-After in seconds, from either of its forms; `None` when there is none to read.

    A date counts from the answer's own `Date`, whose clock it was made by, or else from `now`, a Unix time. Of several
    headers the longest counts, and of what is out of all proportion 31 years.
    """
    waits = [
        seconds
        for name, said in response.headers
        if name.lower() == "retry-after" and (seconds := _seconds(said.strip(), response, now)) is not None
    ]
    return min(max(waits), _MAX_WAIT) if waits else None


def _seconds(said: str, response: Response, now: float) -> float | None:
    if re.fullmatch(r"\d{1,100}(\.\d{1,100})?", said, re.ASCII):
        return float(said)
    moment = moment_of(said)
    if moment is None:
        return None
    sent = moment_of(response.header("date") or "")
    return max(0.0, moment - (now if sent is None else sent))


def moment_of(said: str) -> float | None:
    """A date of HTTP as a Unix time."""
    if not said:
        return None
    try:
        date = parsedate_to_datetime(said)
        # "-0000" is UTC too, and comes without an offset.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
