"""Every error that the SDK raises.

```
InviteError                       service, operation, request_id, attempts; picklable
├ ConfigurationError              a setting is missing or wrong
├ InvalidArgumentError            an argument cannot be right
│ └ RosterError                   a list cannot be used as it is; `.problems` says why
├ UnsupportedOperationError       the service has no such operation
├ UnsupportedParameterError       the service's operation has no such parameter
├ TransportError                  no usable answer came
│ ├ ConnectError                  nothing was sent
│ ├ TimeoutError                  no answer in time
│ └ DeadlineExceededError         the deadline over all attempts passed
├ JournalError                    the journal of a run cannot be used or written
├ PruneLimitError                 more would be pruned than may be
├ OutcomeUnknownError             a write may or may not have taken effect
├ ResponseParseError              an answer that could not be read
└ APIError                        the service refused
  ├ AuthenticationError           401
  ├ PermissionDeniedError         403
  ├ PlanLimitError                402
  ├ NotFoundError                 404
  ├ ConflictError                 409; `.existing` is the invitation in the way, where it is known
  │ ├ AlreadyInvitedError         an open invitation is there already
  │ ├ AlreadyMemberError          the invitee is a member already
  │ └ InvalidStateError           the invitation's status does not allow it
  ├ ValidationError               400, 422
  ├ RateLimitedError              429
  ├ RedirectError                 3xx: redirects are never followed
  ├ UnsupportedByServerError      405, 415: this server is too old or too new
  └ ServerError                   5xx
```
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from invite_sdk._model.invitation import Invitation

MAX_KEPT_BODY = 16_384
"""How many bytes of an answer an error keeps."""


class InviteError(Exception):
    """The base of every error of this SDK.

    Pickling and copying keep everything. `cls(*error.args)`, by which serializers rebuild errors that keep only text,
    keeps the class and the message.

    Attributes:
        service: the service's name, or `None` where none was involved yet.
        operation: the unified operation, for example `create`, or the operationId of a native call.
        request_id: the service's own id of the request, where it gave one.
        attempts: how many requests were sent for this operation's failing step.
    """

    service: str | None = None
    operation: str | None = None
    request_id: str | None = None
    attempts: int = 0

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        where = " ".join(word for word in (self.service, self.operation) if word)
        return f"{where}: {self.message}" if where else self.message

    def _repr_html_(self) -> str:
        from invite_sdk._errors.showing import html_of

        return html_of(self)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.args, dict(self.__dict__)))


def _rebuild(cls: type[InviteError], args: tuple[object, ...], state: dict[str, object]) -> InviteError:
    """An unpickled error, without running its constructor again."""
    error = cls.__new__(cls, *args)
    Exception.__init__(error, *args)
    error.__dict__.update(state)
    return error


class ConfigurationError(InviteError):
    """A setting is missing or wrong. Nothing was sent."""


class InvalidArgumentError(InviteError, ValueError):
    """An argument cannot be right. Nothing was sent."""


class UnsupportedOperationError(InviteError):
    """The service has no such operation. Nothing was sent."""


class UnsupportedParameterError(InviteError):
    """The service's operation has no such parameter. Nothing was sent."""


class TransportError(InviteError):
    """No usable answer came: the connection failed, broke, or the answer was too large."""


class ConnectError(TransportError):
    """The connection was never made: nothing was sent."""


class TimeoutError(TransportError):  # noqa: A001 - ours is the field's word too, and lives in our namespace
    """No answer came in time."""


class DeadlineExceededError(TransportError):
    """The deadline over all attempts of one operation passed."""


class OutcomeUnknownError(InviteError):
    """A write was sent and its answer was lost: it may or may not have taken effect.

    Of the answer that it was made from, where there was one, it has `messages`, `field_errors`, `code`, `body`,
    `retry_after` and `headers` as an `APIError` has them.

    Attributes:
        known: what is known, in words.
        advice: what to do now: how to find out, or what trying again would do.
        status: the status of the answer, where one began or a failing server gave one; never a success that was read.
    """

    def __init__(self, message: str, *, known: str = "", advice: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.known = known
        self.advice = advice
        self.status = status
        self.messages: tuple[str, ...] = ()
        self.field_errors: dict[str, tuple[str, ...]] = {}
        self.code: str | None = None
        self.body = ""
        self.retry_after: float | None = None
        self.headers: dict[str, str] = {}

    def __str__(self) -> str:
        said = super().__str__()
        return f"{said}; {self.advice}" if self.advice else said


class ResponseParseError(InviteError):
    """An answer came and could not be read.

    Attributes:
        status: the HTTP status; 0 where the error was rebuilt from its message alone.
        body: the answer's first bytes, at most `MAX_KEPT_BODY`.
        headers: the answer's headers that help to understand it, by lower-case name; never cookies.
        is_url_doubtful: whether it is a web page, so that the URL setting may be wrong.
    """

    is_url_doubtful: bool = False

    def __init__(self, message: str, *, status: int = 0, body: bytes = b"") -> None:
        super().__init__(message)
        self.status = status
        self.body = body[:MAX_KEPT_BODY]
        self.headers: dict[str, str] = {}


class APIError(InviteError):
    """The service answered, and not with success.

    Attributes:
        status: the HTTP status; any integer, since proxies invent some. 0 where the error was rebuilt from its message
            alone.
        messages: what the service said, one sentence each, in its own language.
        field_errors: what it said about single fields, by the service's name of the field.
        code: the service's machine-readable code, where it gives one.
        body: the answer's text, bounded, with invite keys masked.
        retry_after: how many seconds to wait, where the service says.
        headers: the answer's headers that help to understand it, by lower-case name; never cookies.
        is_url_doubtful: whether it looks like no answer of this service, so that the URL setting may be wrong.
    """

    is_url_doubtful: bool = False

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        messages: tuple[str, ...] = (),
        field_errors: Mapping[str, tuple[str, ...]] | None = None,
        code: str | None = None,
        body: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.messages = messages
        self.field_errors: dict[str, tuple[str, ...]] = dict(field_errors or {})
        self.code = code
        self.body = body
        self.retry_after = retry_after
        self.headers: dict[str, str] = {}


class AuthenticationError(APIError):
    """401: the credentials are missing, wrong or expired."""


class PermissionDeniedError(APIError):
    """403: the credentials are good and not enough."""


class PlanLimitError(APIError):
    """402: the organization's plan does not allow it."""


class NotFoundError(APIError):
    """404: there is no such invitation, or you may not see it."""


class ConflictError(APIError):
    """409: it contradicts what is there.

    Attributes:
        existing: the invitation that it contradicts, where it could be read.
    """

    existing: Invitation | None = None


class AlreadyInvitedError(ConflictError):
    """An open invitation for that invitee is there already: `existing`."""


class AlreadyMemberError(ConflictError):
    """The invitee is a member, or has the role, already."""


class InvalidStateError(ConflictError):
    """The invitation's status does not allow it: `existing` is the invitation as it is now."""


class ValidationError(APIError):
    """400 or 422: the service did not take the values; see `field_errors`."""


class RateLimitedError(APIError):
    """429: too many requests; `retry_after` says how many seconds to wait, where the service does.

    Also where a wait that the service asked for after another call, with 429 or 503, outlasts the deadline. Nothing was
    sent then, and `attempts` is 0.
    """


class RedirectError(APIError):
    """3xx: the service answered with a redirect, which is never followed; the URL setting may be wrong."""


class UnsupportedByServerError(APIError):
    """405 or 415: this server does not have the operation, although its kind of service does."""


class ServerError(APIError):
    """5xx: the service, or a proxy before it, failed."""


Remade = TypeVar("Remade", bound=InviteError)

_OF_THE_ANSWER = (
    "status",
    "messages",
    "field_errors",
    "code",
    "body",
    "retry_after",
    "headers",
    "request_id",
    "attempts",
)


def remade(error: InviteError, made: Remade) -> Remade:
    """An error that is made from another one, with all that the other knows of the answer."""
    kept = vars(error)
    for name in _OF_THE_ANSWER:
        # The body of an answer that could not be read is bytes.
        if name in kept and hasattr(made, name) and not isinstance(kept[name], bytes):
            setattr(made, name, copy(kept[name]))
    return made
