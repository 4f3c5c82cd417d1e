"""The answers that a Django REST framework server gives by itself, before and around its views."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, cast
from urllib.parse import parse_qs, urlencode

from invite_sdk.testing.base.wire import Refused, is_email, media_type, read_form, read_json
from invite_sdk.testing.messages import FakeRequest, FakeResponse

JSON: Final = "application/json"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
REQUIRED: Final = "This field is required."
NULL: Final = "This field may not be null."
BLANK: Final = "This field may not be blank."
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def allow(methods: Iterable[str]) -> str:
    """The `Allow` header of a path with these methods, in the framework's order."""
    known = {*methods, "OPTIONS"}
    return ", ".join(method for method in _METHODS if method in known)


def detail(status: int, text: str) -> FakeResponse:
    """An error of one sentence."""
    return FakeResponse.json(status, {"detail": text})


def not_found() -> FakeResponse:
    """The answer for a record that is missing or not the caller's to see."""
    return detail(404, "Not found.")


def unauthenticated(text: str = "Authentication credentials were not provided.") -> FakeResponse:
    """The 401 for missing or wrong credentials."""
    return FakeResponse.json(401, {"detail": text}, (("WWW-Authenticate", "Bearer"),))


def page_not_found() -> FakeResponse:
    """What a path outside the API gets."""
    return FakeResponse.html(404, "<!doctype html>\n<title>Not Found</title>\n<h1>Not Found</h1>\n")


def server_error() -> FakeResponse:
    """What is said where the service fails itself."""
    return FakeResponse.html(500, "<!doctype html>\n<title>Server Error (500)</title>\n<h1>Server Error (500)</h1>\n")


def add_slash(request: FakeRequest) -> FakeResponse:
    """The redirect from a path without its closing slash."""
    path, mark, query = request.target.partition("?")
    return FakeResponse.html(301, "", (("Location", f"{path}/{mark}{query}"),))


def renderer_of(request: FakeRequest, renderers: Mapping[str, str]) -> str:
    """The format in which a request is answered, by its `format` or its `Accept`.

    Args:
        request: what was asked.
        renderers: the media type of each format; the first is preferred.

    Raises:
        Refused: 404 for an unknown format, 406 where the caller accepts none of these types.
    """
    if chosen := request.param("format"):
        if chosen not in renderers:
            raise Refused(not_found())
        renderers = {chosen: renderers[chosen]}
    header = request.header("Accept")
    accepted = [_media_range(choice) for choice in ("*/*" if header is None else header).split(",")]
    for wanted in (3, 2, 1, 0):
        for name, kind in renderers.items():
            if any(precedence == wanted and _fits(kind, given) for given, precedence in accepted):
                return name
    raise Refused(detail(406, "Could not satisfy the request Accept header."))


def _media_range(choice: str) -> tuple[str, int]:
    """A media type in lower case, and how exact it is: 3 with parameters, 0 for any at all."""
    kind, *parameters = choice.split(";")
    kind = kind.strip().lower()
    names = {name.strip().lower() for name, mark, _ in (each.partition("=") for each in parameters) if mark}
    if kind.startswith("*"):
        return kind, 0
    return kind, 1 if kind.endswith("/*") else 2 if names <= {"q"} else 3


def _fits(kind: str, given: str) -> bool:
    return all(part in ("*", own) for own, part in zip(kind.split("/"), [*given.split("/", 1), ""], strict=False))


def read_body(request: FakeRequest) -> object:
    """The value in a JSON, urlencoded or multipart body; an empty object for no body.

    Raises:
        Refused: 415 for another media type, 400 for a body that cannot be read.
    """
    if not request.body:
        return {}
    given = media_type(request)
    kind = next((kind for kind in (JSON, *FORMS) if _fits(kind, given)), None)
    if kind is None:
        text = f'Unsupported media type "{request.header("Content-Type") or ""}" in request.'
        raise Refused(detail(415, text))
    if kind == FORMS[1] and "boundary=" not in (request.header("Content-Type") or "").lower():
        raise Refused(detail(400, "Multipart form parse error - Invalid boundary in multipart: None"))
    if kind in FORMS:
        return read_form(request)
    try:
        return read_json(request.body)
    except ValueError as error:
        raise Refused(detail(400, f"JSON parse error - {error}")) from None


def read_object(request: FakeRequest) -> dict[str, object]:
    """The fields of a body.

    Raises:
        Refused: as `read_body`, and 400 for a value that is no object.
    """
    value = read_body(request)
    if isinstance(value, dict):
        return cast("dict[str, object]", value)
    text = f"Invalid data. Expected a dictionary, but got {type(value).__name__}."
    raise Refused(FakeResponse.json(400, {"non_field_errors": ["No data provided" if value is None else text]}))


def text_of(value: object) -> str:
    """The text that a text field takes a value for, without white space around it."""
    return str(value).strip()


def text_errors(value: object, most: int, *, email: bool = False) -> list[str]:
    """What is wrong with the value of a text field, which may be blank unless it is for an email address.

    Args:
        value: as it was in the body.
        most: the number of characters that fit.
        email: whether it is for an email address.
    """
    wrong = "Enter a valid email address."
    text = text_of(value)
    if not text:
        return [BLANK] if email else []
    if value is None:
        return [NULL]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return [wrong if email else "Not a valid string."]
    errors: list[str] = []
    if len(text) > most:
        errors.append(f"Ensure this field has no more than {most} characters.")
    if "\x00" in text:
        errors.append("Null characters are not allowed.")
    if half := _SURROGATE.search(text):
        errors.append(f"Surrogate characters are not allowed: U+{ord(half[0]):X}.")
    if email and not is_email(text):
        errors.append(wrong)
    return errors


def choice_errors(value: object, choices: Iterable[str]) -> list[str]:
    """What is wrong with the value of an enum field."""
    if value is None:
        return [NULL]
    return [] if str(value) in choices else [f'"{value}" is not a valid choice.']


def filter_choice(request: FakeRequest, name: str, choices: Iterable[str]) -> str | None:
    """A query filter that takes one of some words; `None` where it is absent or empty."""
    value = request.param(name)
    if not value:
        return None
    if value not in choices:
        text = f"Select a valid choice. {value} is not one of the available choices."
        raise Refused(FakeResponse.json(400, {name: [text]}))
    return value


def page_size(request: FakeRequest, size: int, most: int) -> int:
    """How many rows `page_size` asks for. More than `most` is as many; what is no number above 0 is `size`."""
    asked = _number(request.param("page_size"))
    return min(asked, most) if asked is not None and asked > 0 else size


def page_window(request: FakeRequest, total: int, size: int) -> tuple[int, int]:
    """The page that `page` asks for and the number of pages.

    Raises:
        Refused: 404 where there is no such page.
    """
    pages = max(1, -(-total // size))
    asked = request.param("page") or "1"
    number = pages if asked == "last" else _number(asked)
    if number is None or not 1 <= number <= pages:
        raise Refused(detail(404, "Invalid page."))
    return number, pages


def _number(text: str | None) -> int | None:
    """The number that a query value is, as Python reads one."""
    try:
        return int(text or "")
    except ValueError:
        return None


def page_link(origin: str, request: FakeRequest, number: int) -> str:
    """The absolute link to another page of the same listing. The first page has no `page` in it."""
    fields = parse_qs(request.target.partition("?")[2], keep_blank_values=True)
    fields.pop("page", None)
    if number > 1:
        fields["page"] = [str(number)]
    text = urlencode(sorted(fields.items()), doseq=True)
    return f"{origin}{request.path}" + (f"?{text}" if text else "")
