"""Takes the credentials of a request out of the error that it ended in: servers repeat what they were sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import parse_qsl

from invite_sdk._errors import APIError, InviteError, OutcomeUnknownError, ResponseParseError
from invite_sdk._flow import Outgoing
from invite_sdk._masking import mask_key

_FIELDS = frozenset(
    {"access_token", "api_key", "apikey", "client_secret", "jwt", "key", "password", "secret", "session", "token"}
)
_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_SHORTEST = 4
"""Shorter ones are no secrets, and taking them out would take whole words apart."""
_HIDDEN = "…"


def scrub(error: InviteError, sent: Iterable[Outgoing]) -> None:
    """Replaces, in all that an error says, what only the sender of these requests may know."""
    hidden = {secret: shown for request in sent for secret, shown in _secrets(request) if len(secret) >= _SHORTEST}
    if not hidden:
        return
    # The longest first: one may be a part of another.
    order = sorted(hidden, key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in order:
            text = text.replace(secret, hidden[secret])
        return text

    error.message = clean(error.message)
    error.args = (error.message, *error.args[1:])
    if isinstance(error, APIError):
        error.messages = tuple(map(clean, error.messages))
        error.field_errors = {name: tuple(map(clean, said)) for name, said in error.field_errors.items()}
        error.body = clean(error.body)
        error.headers = {name: clean(value) for name, value in error.headers.items()}
    elif isinstance(error, ResponseParseError):
        error.body = clean(error.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    elif isinstance(error, OutcomeUnknownError):
        error.known = clean(error.known)


def _secrets(request: Outgoing) -> Iterable[tuple[str, str]]:
    """Each secret of a request, with what is shown in its place."""
    for name, value in request.headers:
        if name.lower() in _HEADERS:
            yield value, _HIDDEN
            yield value.partition(" ")[2] or value.partition("=")[2], _HIDDEN
    for name, value in _members(request):
        if name.lower() in _FIELDS:
            # The token of a mail is an invite key: its end may show.
            yield value, mask_key(value) if name == "token" else _HIDDEN


def _members(request: Outgoing) -> Iterable[tuple[str, str]]:
    if not request.body:
        return
    try:
        found = cast("object", json.loads(request.body))
    except ValueError:
        yield from parse_qsl(request.body.decode("utf-8", "replace"))
        return
    if isinstance(found, Mapping):
        for name, value in cast("Mapping[str, object]", found).items():
            if isinstance(value, str):
                yield name, value
