"""How an error looks that a notebook shows as a value: what failed, where, and what to do."""

from __future__ import annotations

from invite_sdk._html import html_record

_TO_DO = {
    "ConfigurationError": "mend the setting that it names",
    "InvalidArgumentError": "mend the argument that it names",
    "RosterError": "mend the lines that .problems names",
    "UnsupportedOperationError": "use what it names instead",
    "UnsupportedParameterError": "leave the parameter out",
    "TransportError": "try again later",
    "ConnectError": "mend what it names: the address, a proxy or the certificate",
    "TimeoutError": "try again, or give timeout=",
    "DeadlineExceededError": "try again, or give deadline=",
    "JournalError": "do what it says, then run again",
    "PruneLimitError": "look whether the list is whole, or allow more by max_prune=",
    "OutcomeUnknownError": "look whether it took effect before you try again",
    "ResponseParseError": "report it, with .body",
    "APIError": "read .status and .messages",
    "AuthenticationError": "check the credentials of the connection",
    "PermissionDeniedError": "ask for the right, or for a lesser role",
    "PlanLimitError": "make room in the organization's plan, which is used up",
    "NotFoundError": "check the id; it may be settled already, or not yours to see",
    "ConflictError": "look at .existing, the invitation that is in the way, where it is set",
    "AlreadyInvitedError": "use .existing, or call ensure from the start",
    "AlreadyMemberError": "nothing: the invitee is in already",
    "InvalidStateError": "look at .existing, the invitation as it is now, where it is set",
    "ValidationError": "mend the values; .field_errors tells them by the service's names",
    "RateLimitedError": "wait, or give deadline=",
    "RedirectError": "mend the URL setting: redirects are never followed",
    "UnsupportedByServerError": "use another operation: this server is too old for it, or too new",
    "ServerError": "try again later",
}
"""As docs/errors.md says it, for each class and what is below it."""


def html_of(error: Exception) -> str:
    """An error as a table of what is known of it; keys in its texts are masked."""
    seconds: float | None = getattr(error, "retry_after", None)
    fields: dict[str, tuple[str, ...]] = getattr(error, "field_errors", {})
    row: dict[str, object] = {
        "message": getattr(error, "message", str(error)),
        "what to do": getattr(error, "advice", "") or to_do(type(error)),
        "known": getattr(error, "known", None),
        "wait": None if seconds is None else f"{seconds:g} seconds",
        "status": getattr(error, "status", None) or None,
        "service": getattr(error, "service", None),
        "operation": getattr(error, "operation", None),
        "fields": tuple(f"{name}: {' '.join(said)}" for name, said in fields.items()),
        "existing": getattr(error, "existing", None),
        "request id": getattr(error, "request_id", None),
        "attempts": getattr(error, "attempts", 0) or None,
        "notes": tuple(getattr(error, "__notes__", ())),
    }
    return html_record(type(error).__name__, row)


def to_do(kind: type[Exception]) -> str:
    """What to do about an error of this class, or of the nearest one above it; nothing where none is known."""
    return next((_TO_DO[above.__name__] for above in kind.__mro__ if above.__name__ in _TO_DO), "")
