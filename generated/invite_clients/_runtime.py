"""What every generated client stands on: requests, responses and calls as plain values.

Nothing here does I/O. Nothing imports an HTTP library, or pydantic, which takes its time to load: the models stand on
`_wire`. A generated function returns a `Call`: the request to send, how to read its answer, and what may be done when
the answer is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Literal, Self, TypeVar
from urllib.parse import quote, urlencode

from ._times import date
from ._values import value_class

if TYPE_CHECKING:
    from pydantic import BaseModel

T_co = TypeVar("T_co", covariant=True)

Repeat = Literal["safe", "idempotent", "once"]
"""What may be done when an answer is lost: ask again, ask again after reading the state back, or never ask again."""

QueryValue = str | int | float | bool | StrEnum | date
"""What a query parameter may be; a sequence of these repeats the key."""


class OpenEnum(StrEnum):
    """An enum that a newer server may extend: an unknown value parses, keeps its text and equals it."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    def __reduce_ex__(self, _: object) -> tuple[type[Self], tuple[str]]:
        """By value: early releases of Python 3.11 would look an unknown one up by its name."""
        return type(self), (self._value_,)

    @property
    def is_known(self) -> bool:
        """Whether the specification lists this value."""
        return self._name_ in type(self).__members__


@value_class
class Request:
    """A request without its origin: the path is quoted, the query is in order, the body is bytes.

    Only the method shows in the repr: a path may hold the key of an invite, a body a password.
    """

    method: str
    path: str = field(repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)


@value_class
class Response:
    """An answer: any integer status, the headers in order, the body after decompression."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever its case, or `None`."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def every(self, name: str) -> tuple[str, ...]:
        """The values of every header of this name, whatever its case, in order."""
        wanted = name.lower()
        return tuple([value for key, value in self.headers if key.lower() == wanted])


@value_class
class Call(Generic[T_co]):
    """One request to one service, and how to read its answer.

    Attributes:
        service: the service's name, for example `waldur`.
        operation: the operationId in the service's specification.
        request: what to send, relative to the service's base URL.
        success: the statuses that carry the result.
        public: whether it must be sent without the caller's credentials.
        repeat: what may be done when the answer is lost.
        reader: turns a successful response into the result; raises `ValueError` (pydantic's `ValidationError` is one)
            on a body that is not what the specification says.
    """

    service: str
    operation: str
    request: Request
    success: frozenset[int]
    public: bool
    repeat: Repeat
    reader: Callable[[Response], T_co] = field(repr=False)

    def read(self, response: Response) -> T_co:
        """The result in a successful response. Raises `ValueError` for a status or a body that carries none."""
        if response.status not in self.success:
            raise ValueError(f"{self.service} {self.operation}: status {response.status} carries no result")
        return self.reader(response)


_ACCEPT = ("Accept", "application/json")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]")


def segment(name: str, value: str) -> str:
    """`value` quoted as one segment of a path.

    Raises:
        ValueError: the value is empty, `.` or `..`, or holds a slash, a backslash or a control character: quoting could
            not keep such a value from addressing another endpoint.
    """
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string, not {type(value).__name__}")
    if value in ("", ".", "..") or _UNSAFE.search(value):
        raise ValueError(f"{name} must be one non-empty path segment without slashes or control characters")
    return quote(value, safe="")


def _text(value: QueryValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def query(parameters: Mapping[str, QueryValue | Sequence[QueryValue] | None]) -> tuple[tuple[str, str], ...]:
    """Query parameters in order: `None` is left out, a sequence repeats its key, booleans are `true` and `false`."""
    pairs: list[tuple[str, str]] = []
    for key, value in parameters.items():
        if value is None:
            continue
        if isinstance(value, (str, int)) or not isinstance(value, Sequence):
            pairs.append((key, _text(value)))
        else:
            pairs.extend((key, _text(item)) for item in value)
    return tuple(pairs)


def comma(value: QueryValue | Sequence[QueryValue] | None) -> str | None:
    """One value for a parameter that takes several joined with commas; an empty sequence is left out."""
    return ",".join(text for _, text in query({"": value})) or None


def json_body(model: BaseModel) -> bytes:
    """A request model as JSON bytes: wire names, without what is `None`."""
    return model.model_dump_json(by_alias=True, exclude_none=True).encode()


def json_request(
    method: str,
    path: str,
    *,
    query: tuple[tuple[str, str], ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
    body: BaseModel | None = None,
) -> Request:
    """A request that asks for JSON, and says that it sends JSON only where it has a body."""
    if body is None:
        return Request(method, path, query, (_ACCEPT, *headers))
    return Request(method, path, query, (_ACCEPT, ("Content-Type", "application/json"), *headers), json_body(body))


def form_request(
    method: str,
    path: str,
    *,
    query: tuple[tuple[str, str], ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
    body: BaseModel | None = None,
) -> Request:
    """A request that asks for JSON and sends its body as an HTML form does."""
    if body is None:
        return Request(method, path, query, (_ACCEPT, *headers))
    content_type = ("Content-Type", "application/x-www-form-urlencoded")
    fields = body.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Request(method, path, query, (_ACCEPT, content_type, *headers), urlencode(fields, doseq=True).encode())


def read_count(response: Response, header: str) -> int | None:
    """The whole number in a header, or `None` where the header is missing.

    Raises:
        ValueError: it is anything else, or several headers differ.
    """
    values = {value.strip() for value in response.every(header)}
    if not values:
        return None
    value = values.pop()
    if values or not (value.isascii() and value.isdigit()):
        raise ValueError(f"{header} is not a count")
    return int(value)


def read_required_text(response: Response) -> str:
    """As `read_text`, but a body without a string raises `ValueError` too."""
    text = read_text(response)
    if text is None:
        raise ValueError("expected a string, got nothing")
    return text


def read_text(response: Response) -> str | None:
    """A body that is a JSON string, `null`, nothing at all, or bare text.

    Raises:
        ValueError: the body is another kind of JSON, or a page of HTML.
    """
    raw = response.body.strip()
    if not raw:
        return None
    if raw.startswith(b"<") or "html" in (response.header("content-type") or ""):
        raise ValueError("expected a string, got an HTML page")
    text = raw.decode("utf-8")
    try:
        value: object = json.loads(text)
    except ValueError:
        if text[:1] in '"[{':
            raise
        return text
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (dict, list, bool)):
        raise ValueError("expected a string, got another kind of JSON")
    return text
