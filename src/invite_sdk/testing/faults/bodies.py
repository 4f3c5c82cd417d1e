"""What faults do to an answer that the service has given. Pure: an answer in, another out."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import cast
from urllib.parse import urlsplit

from invite_sdk.testing.messages import FakeResponse

ELSEWHERE = "https://elsewhere.example"
_WITHOUT_BODY = {204, 304}
_ENUMS = ("state", "status", "execution_state", "role")
_SPACES = b" " * 1_048_576

Row = dict[str, object]


def with_header(answer: FakeResponse, name: str, value: str) -> FakeResponse:
    """The answer with a header in the place of any of that name."""
    headers = tuple(pair for pair in answer.headers if pair[0].lower() != name.lower())
    place = next((at for at, pair in enumerate(answer.headers) if pair[0].lower() == name.lower()), len(headers))
    return replace(answer, headers=(*headers[:place], (name, value), *headers[place:]))


def with_body(answer: FakeResponse, body: bytes, kind: str | None = None) -> FakeResponse:
    """The answer with another body. A status that has no body becomes 200."""
    headers = tuple(pair for pair in answer.headers if pair[0].lower() != "content-length")
    status = 200 if answer.status in _WITHOUT_BODY else answer.status
    changed = replace(answer, status=status, headers=headers, body=body)
    return changed if kind is None else with_header(changed, "Content-Type", kind)


def as_invalid_json(answer: FakeResponse) -> FakeResponse:
    """The first half of the body, which is not JSON; half a number and half of nothing get a brace to that end."""
    half = answer.body[: len(answer.body) // 2]
    return with_body(answer, half if half and not _is_json(half) else half + b"{", "application/json")


def as_type(content_type: str, answer: FakeResponse) -> FakeResponse:
    """The same body under another media type."""
    return with_header(answer, "Content-Type", content_type)


def as_empty(answer: FakeResponse) -> FakeResponse:
    """The same status and media type without a body."""
    return replace(answer, body=b"")


def as_oversized(size: int, answer: FakeResponse) -> FakeResponse:
    """The same value, with white space after it up to `size` bytes: valid JSON, if it was."""
    return with_body(answer, answer.body + b" " * (size - len(answer.body)), "application/json")


def as_bomb(size: int, answer: FakeResponse) -> FakeResponse:
    """The same value, with white space after it up to `size` bytes, in gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    packed = [packer.compress(answer.body)]
    left = max(size - len(answer.body), 0)
    while left:
        packed.append(packer.compress(_SPACES[:left]))
        left -= min(left, len(_SPACES))
    packed.append(packer.flush())
    return with_header(with_body(answer, b"".join(packed), "application/json"), "Content-Encoding", "gzip")


def with_next_link(to: str, target: str, answer: FakeResponse) -> FakeResponse:
    """The answer with a next page at another origin: in the body where that has a `next`, else as a `Link`."""
    value = _json_of(answer)
    if isinstance(value, dict) and "next" in value:
        page = cast("Row", value)
        return _dumped(answer, {**page, "next": _moved(str(page["next"] or target), to)})
    links = next((text for name, text in answer.headers if name.lower() == "link"), "")
    found = re.search(r'<([^>]*)>;\s*rel="next"', links)
    link = f'<{_moved(found[1] if found else target, to)}>; rel="next"'
    if found:
        links = links.replace(found[0], link)
    else:
        links = f"{links}, {link}" if links else link
    return with_header(answer, "Link", links)


def with_unknown_enum(name: str | None, value: str, every: bool, answer: FakeResponse) -> FakeResponse:
    """The answer with a word in an enum field that no version of the service has used."""

    def change(row: Row) -> None:
        field = name or next((field for field in _ENUMS if isinstance(row.get(field), str)), None)
        if field is not None and field in row:
            row[field] = [value] if isinstance(row[field], list) else value

    return _edited(answer, change, name, every=every)


def without_field(name: str, every: bool, answer: FakeResponse) -> FakeResponse:
    """The answer without one of its fields."""
    return _edited(answer, lambda row: row.pop(name, None), name, every=every)


def with_null(name: str, every: bool, answer: FakeResponse) -> FakeResponse:
    """The answer with null for the value of one of its fields."""

    def change(row: Row) -> None:
        if name in row:
            row[name] = None

    return _edited(answer, change, name, every=every)


def _edited(answer: FakeResponse, change: Callable[[Row], object], name: str | None, *, every: bool) -> FakeResponse:
    value = _json_of(answer)
    rows = _rows_of(value, name)
    for row in rows if every else rows[:1]:
        change(row)
    return _dumped(answer, value) if rows else answer


def _rows_of(value: object, name: str | None) -> list[Row]:
    """The objects that a fault may change: a page's own, where that has the field, else those of its rows."""
    if isinstance(value, dict):
        page = cast("Row", value)
        results = page.get("results")
        if name in page or not isinstance(results, list):
            return [page]
        value = cast("list[object]", results)
    if isinstance(value, list):
        return [cast("Row", row) for row in cast("list[object]", value) if isinstance(row, dict)]
    return []


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _json_of(answer: FakeResponse) -> object:
    value: object = json.loads(answer.body) if _is_json(answer.body) else None
    return value


def _dumped(answer: FakeResponse, value: object) -> FakeResponse:
    return with_body(answer, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _moved(link: str, to: str) -> str:
    parts = urlsplit(link)
    return to.rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")
