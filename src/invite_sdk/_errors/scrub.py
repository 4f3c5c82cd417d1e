"""Takes the secrets of a request out of the error that it ended in."""

from __future__ import annotations

from collections.abc import Iterable

from invite_sdk._errors.tree import MAX_KEPT_BODY, APIError, InviteError, OutcomeUnknownError, ResponseParseError
from invite_sdk._privacy.scrubbing import Cleaner, Sent


def scrub(error: InviteError, sent: Iterable[Sent]) -> None:
    """Replaces, in all that an error says, what only the sender of these requests may know."""
    cleaner = Cleaner.of(sent)
    if not cleaner.hidden:
        return
    clean = cleaner.text
    error.message = clean(error.message)
    error.args = (error.message, *error.args[1:])
    error.request_id = None if error.request_id is None else clean(error.request_id)
    if isinstance(error, (APIError, OutcomeUnknownError)):
        error.messages = tuple(map(clean, error.messages))
        error.field_errors = {clean(name): tuple(map(clean, said)) for name, said in error.field_errors.items()}
        error.body = clean(error.body)
        error.code = None if error.code is None else clean(error.code)
    elif isinstance(error, ResponseParseError):
        error.body = cleaner.bytes(error.body, is_cut=len(error.body) >= MAX_KEPT_BODY)
    if isinstance(error, (APIError, OutcomeUnknownError, ResponseParseError)):
        error.headers = {name: clean(value) for name, value in error.headers.items()}
    if isinstance(error, OutcomeUnknownError):
        error.known = clean(error.known)
