"""Which error class a refusal becomes: by service, operation, status and the shape of the body, never by its words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from invite_clients._runtime import Response
from invite_sdk._errors import tree as errors
from invite_sdk._errors.bodies import ErrorBody, Shape, read_error_body, retry_after
from invite_sdk._privacy.masking import mask_in_text

_BY_STATUS: dict[int, type[errors.APIError]] = {
    400: errors.ValidationError,
    401: errors.AuthenticationError,
    402: errors.PlanLimitError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    405: errors.UnsupportedByServerError,
    409: errors.ConflictError,
    415: errors.UnsupportedByServerError,
    422: errors.ValidationError,
    429: errors.RateLimitedError,
}

_HINTS: dict[type[errors.APIError], str] = {
    errors.AuthenticationError: "check the credentials of the connection",
    errors.RedirectError: "redirects are never followed; check the connection's URL",
    errors.UnsupportedByServerError: "this server does not have the operation",
}

_WITHOUT_ID = frozenset({"list", "count", "create", "ensure", "roles", "scopes"})
"""Operations whose requests name no invitation: a 404 that says nothing of the service's own is about the address."""

_KEPT_HEADERS = ("content-type", "date", "retry-after", "allow", "www-authenticate", "x-request-id", "server", "via")


class ErrorRule(NamedTuple):
    """One row of a service's table: where everything given matches, the class and the hint apply."""

    error: type[errors.APIError]
    operations: frozenset[str] | None = None
    """operationIds of the specification; `None` for all."""
    statuses: frozenset[int] | None = None
    shapes: frozenset[Shape] | None = None
    codes: frozenset[str] | None = None
    hint: str = ""

    def matches(self, operation: str, status: int, body: ErrorBody) -> bool:
        """Whether the row speaks of this refusal."""
        return (
            (self.operations is None or operation in self.operations)
            and (self.statuses is None or status in self.statuses)
            and (self.shapes is None or body.shape in self.shapes)
            and (self.codes is None or body.code in self.codes)
        )


def rule(
    error: type[errors.APIError],
    *,
    operations: Iterable[str] | None = None,
    statuses: Iterable[int] | None = None,
    shapes: Iterable[Shape] | None = None,
    codes: Iterable[str] | None = None,
    hint: str = "",
) -> ErrorRule:
    """A row of a service's error table."""
    return ErrorRule(
        error,
        None if operations is None else frozenset(operations),
        None if statuses is None else frozenset(statuses),
        None if shapes is None else frozenset(shapes),
        None if codes is None else frozenset(codes),
        hint,
    )


def error_from(
    response: Response,
    operation: str,
    rules: Iterable[ErrorRule],
    now: float,
    *,
    asked: str = "",
    title: str = "",
    body: ErrorBody | None = None,
    wait: float | None = None,
) -> errors.APIError:
    """The error for a refusal.

    Args:
        response: the refusal.
        operation: the operationId.
        rules: the service's table.
        now: a Unix time, for a Retry-After date.
        asked: the unified operation that the request belongs to.
        title: the service's name as its makers write it.
        body: what its body says, where the service has a reader of its own.
        wait: seconds to wait, where it means a limit by the service's own signs; 0 where it names no time.
    """
    body = read_error_body(response) if body is None else body
    status = response.status
    found = next((row for row in rules if row.matches(operation, status, body)), None)
    if wait is not None and (found is None or not issubclass(found.error, errors.RateLimitedError)):
        found = rule(errors.RateLimitedError)
    nameless = status == 404 and asked in _WITHOUT_ID and bool(title)
    is_elsewhere = nameless and (body.shape == "html" or (found is None and body.shape in ("empty", "text")))
    if is_elsewhere:
        cls: type[errors.APIError] = errors.NotFoundError
        hint = _is_it_there(title)
    else:
        cls = found.error if found else _by_status(status)
        hint = found.hint if found and found.hint else _HINTS.get(cls, "")
        if status == 407 and not hint:
            hint = "a proxy on the way wants a user and a password"
    error = cls(
        _sentence(status, body, hint),
        status=status,
        messages=tuple(mask_in_text(sentence) for sentence in body.messages),
        field_errors={name: tuple(map(mask_in_text, said)) for name, said in body.field_errors.items()},
        code=None if body.code is None else mask_in_text(body.code),
        body=mask_in_text(body.text),
        retry_after=wait or retry_after(response, now),
    )
    error.is_url_doubtful = is_elsewhere
    error.headers = kept_headers(response)
    error.request_id = response.header("x-request-id")
    return error


def kept_headers(response: Response) -> dict[str, str]:
    """The headers of an answer that help to understand it, by lower-case name."""
    return {name: value for name in _KEPT_HEADERS if (value := response.header(name)) is not None}


def _by_status(status: int) -> type[errors.APIError]:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status // 100 == 3:
        return errors.RedirectError
    if status // 100 == 5:
        return errors.ServerError
    return errors.APIError


def _is_it_there(title: str) -> str:
    return f"is this the address of {'an' if title[0] in 'AEIOU' else 'a'} {title} server? check the URL setting"


def _sentence(status: int, body: ErrorBody, hint: str) -> str:
    said = [*body.messages, *(f"{name}: {' '.join(what)}" for name, what in body.field_errors.items())]
    if body.code and body.code not in said:
        said.insert(0, f"[{body.code}]")
    text = mask_in_text(" ".join("".join(char if char.isprintable() else " " for char in " ".join(said)).split()))
    # Pages and proxies often say no more than the status.
    text = re.sub(rf"^{status}(?:\s+|$)", "", text)
    text = text if len(text) <= 300 else text[:297] + "..."
    words = f"{status}" + (f" {text}" if text else " without a word of explanation" if body.shape == "empty" else "")
    return f"{words} ({hint})" if hint else words
