"""The answers that a Django REST framework server gives by itself, before and around its views."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from invite_sdk.testing.base.wire import Refused, is_email, media_type, read_form, read_json_object
from invite_sdk.testing.messages import FakeRequest, FakeResponse

JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
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


def add_slash(request: FakeRequest) -> FakeResponse:
    """The redirect from a path without its closing slash."""
    path, mark, query = request.target.partition("?")
    return FakeResponse.html(301, "", (("Location", f"{path}/{mark}{query}"),))


def check_accept(request: FakeRequest) -> None:
    """Refuses a request whose `Accept` leaves no way to answer in JSON."""
    accepted = request.header("Accept")
    if accepted and not any(
        choice.partition(";")[0].strip() in {"*/*", "application/*", JSON} for choice in accepted.split(",")
    ):
        raise Refused(detail(406, "Could not satisfy the request Accept header."))


def read_object(request: FakeRequest) -> dict[str, object]:
    """The fields of a JSON, urlencoded or multipart body; none for an empty body."""
    if not request.body:
        return {}
    kind = media_type(request)
    if kind in FORMS:
        return read_form(request)
    if kind != JSON:
        raise Refused(detail(415, f'Unsupported media type "{kind}" in request.'))
    try:
        return read_json_object(request.body)
    except ValueError as error:
        raise Refused(detail(400, f"JSON parse error - {error}")) from None
    except TypeError as error:
        text = f"Invalid data. Expected a dictionary, but got {error}."
        raise Refused(FakeResponse.json(400, {"non_field_errors": [text]})) from None


def email_problem(value: object) -> str | None:
    """What is wrong with the value of an email field of 254 characters."""
    if value is None:
        return "This field may not be null."
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return "Not a valid string."
    text = str(value).strip()
    if not text:
        return "This field may not be blank."
    if len(text) > 254:
        return "Ensure this field has no more than 254 characters."
    return None if is_email(text) else "Enter a valid email address."


def choice_problem(value: object, choices: Iterable[str]) -> str | None:
    """What is wrong with the value of an enum field."""
    if value is None:
        return "This field may not be null."
    return None if isinstance(value, str) and value in choices else f'"{value}" is not a valid choice.'


def filter_choice(request: FakeRequest, name: str, choices: Iterable[str]) -> str | None:
    """A query filter that takes one of some words; `None` where it is absent or empty."""
    value = request.param(name)
    if not value:
        return None
    if value not in choices:
        text = f"Select a valid choice. {value} is not one of the available choices."
        raise Refused(FakeResponse.json(400, {name: [text]}))
    return value


def page_window(request: FakeRequest, total: int, size: int) -> tuple[int, int]:
    """The page that `page` asks for and the number of pages."""
    pages = max(1, -(-total // size))
    asked = request.param("page") or "1"
    number = pages if asked == "last" else number_of(asked) or 0
    if not 1 <= number <= pages:
        raise Refused(detail(404, "Invalid page."))
    return number, pages


def number_of(text: str | None) -> int | None:
    """The number that a query value is; `None` for anything that is no number of sensible length."""
    return int(text) if text and len(text) < 12 and text.isdecimal() else None


def page_link(origin: str, request: FakeRequest, number: int) -> str:
    """The absolute link to another page of the same listing. The first page has no `page` in it."""
    query = [(key, value) for key, value in request.query if key != "page"]
    if number > 1:
        query.append(("page", str(number)))
    text = urlencode(sorted(query))
    return f"{origin}{request.path}" + (f"?{text}" if text else "")
