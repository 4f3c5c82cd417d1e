"""A client of the caller's: its transports, event hooks and time limits are used, and nothing else of it."""

from __future__ import annotations

from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx

from invite_sdk._errors.tree import ConfigurationError

Given = TypeVar("Given", bound="httpx.Client | httpx.AsyncClient")

_SENDING = (
    "send",
    "_send_handling_auth",
    "_send_handling_redirects",
    "_send_single_request",
    "_transport_for_url",
)
"""What a request goes through within a client. `send` is handed a whole request, so nothing else is asked."""
_NETWORK = (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError)


class HookError(Exception):
    """A hook of the caller's failed over a network of its own, before our request was sent."""


def empty_jar() -> CookieJar:
    """A cookie jar that takes nothing."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))


def sends_by_itself(client: object, kind: type[object]) -> str | None:
    """What a client has of its own, by class or put in by hand, that could change our requests unseen."""
    of_its_own = vars(client) if hasattr(client, "__dict__") else {}
    for name in _SENDING:
        if name in of_its_own or getattr(type(client), name, None) is not getattr(kind, name, None):
            return name
    return None


def lent(client: Given, kind: type[Given], request: httpx.Request, came: Callable[[int], None]) -> Given:
    """A client that sends one request over the transports of the caller's, and calls the caller's hooks around it.

    It is of httpx's own class, so that what the caller's does at its end does not happen after each request.

    Args:
        client: the caller's.
        kind: httpx's own class.
        request: what will be sent.
        came: called with the status when an answer begins, before any hook.
    """
    made = object.__new__(kind)
    vars(made).update(vars(client))
    # What a service sets is not for the caller's other requests.
    vars(made)["_cookies"] = httpx.Cookies(empty_jar())
    # No redirect is followed, so none is too many.
    made.max_redirects = 0
    before, after = client.event_hooks["request"], client.event_hooks["response"]
    around = _around if isinstance(client, httpx.Client) else _around_async
    made.event_hooks = around(list(before), list(after), _Original(request), came)
    return made


class _Original:
    """A request as we made it, with which it is compared when all hooks have had it."""

    __slots__ = ("_headers", "_method", "_stream", "_url")

    def __init__(self, request: httpx.Request) -> None:
        self._method, self._url, self._stream = request.method, request.url, request.stream
        self._headers = {name: request.headers.get_list(name) for name in request.headers if name != "user-agent"}

    def check(self, request: httpx.Request) -> None:
        """Refuses a request that a hook has changed, before it is sent."""
        changed = None
        if request.method != self._method:
            changed = "method"
        elif request.url != self._url or "target" in request.extensions:
            changed = "URL"
        elif request.stream is not self._stream:
            changed = "body"
        else:
            for name, values in self._headers.items():
                if request.headers.get_list(name) != values:
                    changed = f"header {name.title()}"
        if changed:
            raise ConfigurationError(
                f"an event hook of the http_client changed the {changed} of a request of the SDK; nothing was sent: "
                "let it add headers only, or leave requests to this service alone"
            )


def _around(
    before: list[Callable[..., Any]], after: list[Callable[..., Any]], original: _Original, came: Callable[[int], None]
) -> dict[str, list[Callable[..., Any]]]:
    def leaving(request: httpx.Request) -> None:
        for hook in before:
            try:
                hook(request)
            except _NETWORK as error:
                raise HookError from error
        original.check(request)

    def arriving(answer: httpx.Response) -> None:
        came(answer.status_code)
        for hook in after:
            try:
                hook(answer)
            except Exception as error:  # noqa: BLE001 - most are raised again
                _pass_over(error, answer)
        forget_location(answer)

    return {"request": [leaving], "response": [arriving]}


def _around_async(
    before: list[Callable[..., Any]], after: list[Callable[..., Any]], original: _Original, came: Callable[[int], None]
) -> dict[str, list[Callable[..., Any]]]:
    async def leaving(request: httpx.Request) -> None:
        for hook in before:
            try:
                await hook(request)
            except _NETWORK as error:
                raise HookError from error
        original.check(request)

    async def arriving(answer: httpx.Response) -> None:
        came(answer.status_code)
        for hook in after:
            try:
                await hook(answer)
            except Exception as error:  # noqa: BLE001 - most are raised again
                _pass_over(error, answer)
        forget_location(answer)

    return {"request": [leaving], "response": [arriving]}


def _pass_over(error: Exception, answer: httpx.Response) -> None:
    """Nothing, where a hook raised over what the answer says, as `raise_for_status` does: we read that ourselves."""
    if getattr(error, "response", None) is not answer:
        raise error


def forget_location(answer: httpx.Response) -> None:
    """Redirects are not followed; httpx would look at where they lead all the same, and fail on some."""
    if 300 <= answer.status_code < 400 and "location" in answer.headers:
        del answer.headers["location"]
