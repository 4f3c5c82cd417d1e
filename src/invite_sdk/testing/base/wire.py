"""What several fakes need to read a request: bodies in three media types, email addresses, an early answer."""

from __future__ import annotations

import ipaddress
import json
import re
from email.message import Message
from email.parser import BytesParser
from typing import cast
from urllib.parse import parse_qsl
from uuid import UUID

from invite_sdk.testing.messages import FakeRequest, FakeResponse

_HYPHENATED = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_UUID = re.compile(
    rf"[0-9a-f]{{32}}|{_HYPHENATED}|\{{{_HYPHENATED}\}}|urn:uuid:{_HYPHENATED}", re.IGNORECASE | re.ASCII
)
_ATOM = r"[-!#$%&'*+/=?^_`{|}~A-Z0-9]+"
_QUOTED = r'"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-\[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"'
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*|{_QUOTED}", re.IGNORECASE)
_LABEL = r"(?!-)[A-Z0-9\u00a1-\uffff-]{1,63}(?<!-)"
_TOP_LEVEL = r"(?!-)(?:[A-Z\u00a1-\uffff-]{2,63}|XN--[A-Z0-9]{1,59})(?<!-)"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.{_TOP_LEVEL}", re.IGNORECASE)
_ADDRESS_LITERAL = re.compile(r"\[([A-F0-9:.]{1,39})\]", re.IGNORECASE)


class Refused(Exception):  # noqa: N818 - an answer, not a mistake
    """Ends the handling of a request with this answer."""

    def __init__(self, response: FakeResponse) -> None:
        super().__init__(response.status)
        self.response = response


def is_email(text: str) -> bool:
    """Whether a text is one email address by Django's rules.

    Letters beyond ASCII may be in the domain only; `localhost` and addresses such as `[192.0.2.1]` are domains too.
    """
    local, mark, domain = text.rpartition("@")
    if not mark or len(text) > 320 or not _LOCAL_PART.fullmatch(local):
        return False
    if domain == "localhost" or _DOMAIN.fullmatch(domain):
        return True
    literal = _ADDRESS_LITERAL.fullmatch(domain)
    return literal is not None and _is_address(literal[1])


def uuid_of(text: str) -> UUID | None:
    """The UUID that a text is, in the forms that servers in Rust take (FastAPI's pydantic is one), or `None`."""
    return UUID(text) if _UUID.fullmatch(text) else None


def dashed(text: str) -> str:
    """A UUID in small letters and with dashes, whatever its form, as Django reads it; another text as it is."""
    try:
        return str(UUID(text))
    except ValueError:
        return text


def media_type(request: FakeRequest) -> str:
    """The request's media type in lower case, without parameters; empty where none is given."""
    return (request.header("Content-Type") or "").partition(";")[0].strip().lower()


def read_json(body: bytes) -> object:
    """The JSON value of a body, strict about NaN and encodings.

    Raises:
        ValueError: the body is not JSON; the text says where.
    """

    def refuse(constant: str) -> object:
        msg = f"Out of range float values are not JSON compliant: {constant!r}"
        raise ValueError(msg)

    try:
        value: object = json.loads(body.decode("utf-8"), parse_constant=refuse)
    except RecursionError:
        msg = "too many levels"
        raise ValueError(msg) from None
    return value


def read_json_object(body: bytes) -> dict[str, object]:
    """The JSON object of a body.

    Raises:
        ValueError: the body is not JSON.
        TypeError: it is another JSON value; the text is that value's Python type.
    """
    value = read_json(body)
    if not isinstance(value, dict):
        raise TypeError(type(value).__name__)
    return cast("dict[str, object]", value)


def read_form(request: FakeRequest) -> dict[str, object]:
    """The fields of an urlencoded or multipart body; the last value of a repeated one."""
    if media_type(request) == "multipart/form-data":
        return _read_multipart(request)
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def with_length(answer: FakeResponse, method: str) -> tuple[tuple[str, str], ...]:
    """The headers of an answer, with the `Content-Length` that a server adds."""
    has_none = answer.status < 200 or answer.status in {204, 304} or method == "HEAD"
    if has_none or any(name.lower() in {"content-length", "transfer-encoding"} for name, _ in answer.headers):
        return answer.headers
    return (*answer.headers, ("Content-Length", str(len(answer.body))))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _read_multipart(request: FakeRequest) -> dict[str, object]:
    head = f"Content-Type: {request.header('Content-Type')}\r\n\r\n".encode()
    fields: dict[str, object] = {}
    for part in BytesParser().parsebytes(head + request.body).walk():
        name = part.get_param("name", header="Content-Disposition")
        if isinstance(name, str):
            fields[name] = _text_of(part)
    return fields


def _text_of(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
