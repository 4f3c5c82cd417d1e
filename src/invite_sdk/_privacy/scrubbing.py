"""Takes the secrets of a request out of what came back: servers repeat what they got."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Protocol, cast
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from invite_clients._runtime import Response
from invite_clients._values import value_class
from invite_sdk._privacy.masking import HIDDEN, keys_in_path, mask_key

_FIELDS = frozenset(
    {"access_token", "api_key", "apikey", "client_secret", "jwt", "key", "password", "secret", "session", "token"}
)
_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_SHORTEST = 4
"""Shorter ones are no secrets, and taking them out would take whole words apart."""
_MAX_TORN = 4_096
"""Characters of a secret that are looked for where a body was cut."""
_MAX_CLEANED = 1024 * 1024
"""Nobody reads more of a refusal."""


class Sent(Protocol):
    """A request as it left."""

    @property
    def url(self) -> str: ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def body(self) -> bytes | None: ...


@value_class
class Cleaner:
    """Replaces what only the sender of some requests may know, however it is written."""

    hidden: Mapping[str, str] = field(repr=False)
    """Each form of each secret, and what stands in its place; the longest first: one may be a part of another."""

    @classmethod
    def of(cls, sent: Iterable[Sent]) -> Cleaner:
        """One for the secrets of these requests."""
        hidden: dict[str, str] = {}
        for request in sent:
            for secret, shown in _secrets(request):
                if len(secret) >= _SHORTEST:
                    hidden |= dict.fromkeys(_forms(secret), shown)
        return cls({form: hidden[form] for form in sorted(hidden, key=len, reverse=True)})

    def text(self, text: str) -> str:
        """A text without them."""
        for form, shown in self.hidden.items():
            text = text.replace(form, shown)
        return text

    def bytes(self, body: bytes, *, is_cut: bool = False) -> bytes:
        """The beginning of a body without them, nor with a part of one at its end where it was cut there."""
        if not self.hidden:
            return body
        text = self.text(body.decode("utf-8", "surrogateescape"))
        if is_cut:
            longest = min(max(map(len, self.hidden)), _MAX_TORN, len(text) + 1)
            torn = [size for size in range(_SHORTEST, longest) if self._begins(text[-size:])]
            text = text[: -max(torn)] + HIDDEN if torn else text
        return text.encode("utf-8", "surrogateescape")

    def _begins(self, text: str) -> bool:
        return any(form.startswith(text) for form in self.hidden)


def cleaned(response: Response, sent: Iterable[Sent], *, is_cut: bool = False) -> Response:
    """An answer without what only its asker may know: before anything of it is cut short, and half a secret stays.

    Args:
        response: the answer.
        sent: the requests whose secrets it may repeat.
        is_cut: whether its body was cut already, and may end in a part of a secret.
    """
    clean = Cleaner.of(sent)
    if not clean.hidden:
        return response
    headers = tuple((name, clean.text(value)) for name, value in response.headers)
    body = clean.bytes(response.body[:_MAX_CLEANED], is_cut=is_cut or len(response.body) > _MAX_CLEANED)
    return replace(response, headers=headers, body=body)


def _forms(secret: str) -> Iterable[str]:
    """A secret as it is, and as it stands in JSON, in a URL, in a form, in HTML and in the repr of a text."""
    import html

    for form in (
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        html.escape(secret, quote=False),
        repr(secret)[1:-1],
    ):
        yield form
        # Text that is quoted in JSON once more.
        yield json.dumps(form)[1:-1]


def _secrets(request: Sent) -> Iterable[tuple[str, str]]:
    """Each secret of a request, with what is shown in its place."""
    for name, value in request.headers:
        if name.lower() in _HEADERS:
            yield value, HIDDEN
            yield value.partition(" ")[2] or value.partition("=")[2], HIDDEN
    for key in keys_in_path(request.url):
        yield unquote(key), mask_key(unquote(key))
    for name, value in _members(request):
        if name.lower() in _FIELDS:
            # The token of a mail is an invite key: its end may show.
            yield value, mask_key(value) if name == "token" else HIDDEN


def _members(request: Sent) -> Iterable[tuple[str, str]]:
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
