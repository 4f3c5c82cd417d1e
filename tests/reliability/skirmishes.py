"""The attacks, kind by kind: what is tried on which operations, and what the server answers meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from invite_sdk import Invitation, Scope
from invite_sdk.services.registry import capabilities
from tests.reliability import attacks
from tests.reliability.hostile import LOOKUPS, SUBJECTS, Field, Tally, new, on_field, resent, with_id
from tests.reliability.subjects import UUID, Called, calls
from tests.support.wire import ROW, Heard, Line, json_response, response

WAYS = ("sync", "asyncio")
DESTINATIONS = (
    "ELSEWHERE",
    "ELSEWHERE/api/v1/invitations/",
    "http://HOST/api/users/",
    "https://HOST/",
    "SAME",
    "",
    "javascript:1",
    None,
)
"""Where a redirect may lead: elsewhere, to another path, to the same one, nowhere."""
REDIRECTS = (301, 302, 303, 307, 308)

T = TypeVar("T")
Skirmish = Callable[[str, str], Tally | None]


def not_found(line: Line, heard: Heard) -> None:
    """Knows nothing."""
    whole = json_response(404, {"detail": "Not found."})
    line.send(whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if heard.method == "HEAD" else whole)


def _some(values: Sequence[T], way: str) -> Sequence[T]:
    """What decides about an answer is the same in both ways; asynchronously some of them show that it is."""
    return values if way == "sync" else values[::3]


def _short(value: object) -> str:
    return repr(value)[:60]


def ids(service: str, way: str) -> Tally:
    """Ids that are none: every operation that takes one refuses them."""

    async def play(field: Field) -> None:
        odd = () if service == "enhance" else attacks.ODD_IDS
        for value in (*attacks.IDS, *odd, *attacks.foreign(service)):
            # A link in a record came from the panel, whatever host it names, and only its key is sent, to the panel.
            is_link = service == "enhance" and isinstance(value, Invitation) and "/invites/" in (value.id or "")
            for called in with_id(service, value):
                await field.attack(_short(value), called, must_refuse=not is_link)

    return on_field(SUBJECTS[service], way, not_found, play)


def keys(service: str, way: str) -> Tally | None:
    """Enhance's keys are opaque: whatever one is, it stays one segment. Links must be the panel's own."""
    if service != "enhance":
        return None

    async def play(field: Field) -> None:
        host = urlsplit(field.server.url).netloc
        for key in attacks.ODD_IDS:
            for called in with_id(service, key):
                await field.attack(_short(key), called)
        for link in attacks.LINKS:
            for called in with_id(service, link.replace("HOST", host)):
                await field.attack(_short(link), called, must_refuse=True)

    return on_field(SUBJECTS[service], way, not_found, play)


def tokens(service: str, way: str) -> Tally | None:
    """Waldur's approval tokens go into a body and nowhere else."""
    if service != "waldur":
        return None

    async def play(field: Field) -> None:
        for token in (*attacks.IDS, *attacks.ODD_IDS, f"x.{UUID}/..:y", "x.../../users:y"):
            for operation in ("approve", "reject"):
                refused = not isinstance(token, str) or not token.strip()
                await field.attack(_short(token), Called(operation, (token,)), must_refuse=refused)

    return on_field(SUBJECTS[service], way, json_response(500, {}), play)


def places(service: str, way: str) -> Tally | None:
    """Organizations, scopes and roles: refused, or as text in a query or a body."""
    if not capabilities(service).supports("create"):
        return None

    async def play(field: Field) -> None:
        host = urlsplit(field.server.url).netloc
        hostile = [one for one in attacks.IDS if one is not None]
        if service == "waldur":
            for value in (*hostile, *attacks.ODD_IDS):
                await _named(field, value)
            for value in attacks.SCOPES:
                scope = value.replace("HOST", host) if isinstance(value, str) else value
                for called in (*new(service, scope=scope, organization=None), Called("list", (), {"scope": scope})):
                    await field.attack(f"scope {_short(value)}", called, must_refuse=True)
            return
        for value in hostile:
            for name in {"enhance": ("organization", "role"), "cloudtruth": ("role",)}[service]:
                if name == "role" and isinstance(value, (list, attacks.Sly)):
                    continue  # several roles are a list, and what is text to Python is one role
                # Roles are words, and a newer server may know any: it goes into the body, and nowhere else.
                is_word = name == "role" and isinstance(value, str)
                for called in new(service, **{name: value}):
                    await field.attack(f"{name} {_short(value)}", called, must_refuse=not is_word)
            if service == "enhance":
                await field.attack(f"organization {_short(value)}", resent(field.server.url, value), must_refuse=True)
                continue
            await field.attack(f"role {_short(value)}", Called("list", (), {"role": value}))
            await field.attack(f"role {_short(value)}", Called("count", (), {"role": value}))

    return on_field(SUBJECTS[service], way, not_found, play)


async def _named(field: Field, value: object) -> None:
    """A value in every place that takes a name on Waldur: refused, or in the query of a lookup and nowhere else."""
    refused = not isinstance(value, str) or len(value) > 500 or "://" in str.__str__(value)
    scopes = (Scope("project", value), Scope("project", "Apollo", organization=value))  # type: ignore[arg-type]
    places: list[dict[str, object]] = [{"role": value}, {"organization": value}]
    places += [{"organization": None, "scope": scope} for scope in scopes]
    if isinstance(value, (list, attacks.Sly)):
        del places[0]  # several roles are a list, and what is text to Python is one role
    for place in places:
        filters = {name: one for name, one in place.items() if one is not None}
        listed = [Called(operation, (), filters) for operation in ("list", "count")]
        for called in (*new("waldur", **place), *listed):
            # What looks like a link is no name of a role: it is filtered by as it is.
            filtered = refused and called in listed and "role" in place and isinstance(value, str) and len(value) <= 500
            is_kept = refused and not filtered
            await field.attack(_short(place), called, must_refuse=is_kept, only="" if filtered else LOOKUPS)
    for name in ("name", "organization", "type"):
        await field.attack(f"{name} {_short(value)}", Called("scopes", (), {name: value}), only=LOOKUPS)
        if name != "organization":
            await field.attack(f"{name} {_short(value)}", Called("roles", (), {name: value}), only=LOOKUPS)
    await field.attack(f"role {_short(value)}", Called("update", (UUID,), {"role": value}), only=LOOKUPS)


def words(service: str, way: str) -> Tally:
    """Addresses are refused; names, messages and filters are text in a body or a query, and no header."""

    async def play(field: Field) -> None:
        told = [one for one in (*attacks.IDS, *attacks.ODD_IDS) if isinstance(one, str) and len(one) < 10_000]
        if capabilities(service).supports("create"):
            for email in attacks.EMAILS:
                for called in new(service, email=email):
                    await field.attack(f"email {_short(email)}", called, must_refuse=True)
        for email in attacks.EMAILS:
            if email is not None and capabilities(service).supports("list", "email"):
                await field.attack(f"email {_short(email)}", Called("list", (), {"email": email}), must_refuse=True)
        for text in told:
            if capabilities(service).supports("create", "name"):
                for called in new(service, name=text):
                    await field.attack(f"name {_short(text)}", called)
            if service == "waldur":
                await field.attack(f"message {_short(text)}", new(service, message=text)[0])
                for name in ("o", "scope_name", "scope_type", "page", "page_size"):
                    native = Called("list", (), {"native_filters": {name: text}})
                    await field.attack(f"filter {name} {_short(text)}", native)
            if service == "cloudtruth":
                await field.attack(f"filter {_short(text)}", Called("list", (), {"native_filters": {"ordering": text}}))
            if service == "enhance":
                for name in ("password", "locale", "session"):
                    named = {"email": "ann@example.org", "password": "a secret", name: text}
                    await field.attack(f"{name} {_short(text)}", Called("accept", ("key",), named))
        for header, value in attacks.HEADERS:
            for called in with_id(service, UUID):
                given = Called(called.operation, called.given, {**called.named, "headers": {header: value}})
                if service != "enhance" or called.operation != "resend":
                    await field.attack(f"header {_short(header)}", given, must_refuse=True)

    return on_field(SUBJECTS[service], way, not_found, play)


def next_links(service: str, way: str) -> Tally | None:
    """Of a next link the page's number is used, and nothing else; the walk comes to an end."""
    if not capabilities(service).supports("list", "page_size"):
        return None
    total = Tally()
    lies = attacks.NEXT_LINKS if service == "cloudtruth" else (*attacks.NEXT_LINKS, *attacks.LINK_HEADERS)
    for lie in _some(lies, way):
        pages = _Pages(service, lie)

        async def play(field: Field, pages: _Pages = pages) -> None:
            pages.elsewhere = field.elsewhere.url
            for called in (Called("list"), Called("count", (), {"email": "ann@example.org"})):
                await field.attack(f"next {_short(pages.lie)}", called)

        total.add(on_field(SUBJECTS[service], way, pages.answer, play))
    return total


class _Pages:
    """A listing whose every page names another one."""

    def __init__(self, service: str, lie: str) -> None:
        self._service = service
        self.lie = lie
        self.elsewhere = ""

    def answer(self, line: Line, heard: Heard) -> None:
        host = heard.headers["host"]
        lie = self.lie.replace("HOST", host).replace("ELSEWHERE", self.elsewhere)
        number = heard.target.partition("page=")[2].partition("&")[0]
        if self._service == "cloudtruth":
            row = {**ROW, "id": f"{min(int(number), 5):08d}-d9cb-469f-a165-70867728950e"}
            line.send(json_response(200, {"count": 9, "next": lie, "previous": None, "results": [row]}))
            return
        plain = "".join(char if 32 <= ord(char) < 127 else "?" for char in lie)
        link = plain if self.lie in attacks.LINK_HEADERS else f'<{plain}>; rel="next"'
        line.send(json_response(200, [], Link=link, X_Result_Count="9"))


def redirects(service: str, way: str) -> Tally:
    """No redirect is followed: not elsewhere, not to plain http, not to another path, not in a circle."""
    total = Tally()
    for status in REDIRECTS:
        for to in _some(DESTINATIONS, way):
            sending = _Redirecting(status, to)

            async def play(field: Field, sending: _Redirecting = sending) -> None:
                sending.elsewhere = field.elsewhere.url
                for called in calls(service, field.server.url):
                    await field.attack(f"{sending.status} to {sending.to}", called, most=3)

            total.add(on_field(SUBJECTS[service], way, sending.answer, play))
    return total


class _Redirecting:
    """A server that sends everybody away."""

    def __init__(self, status: int, to: str | None) -> None:
        self.status = status
        self.to = to
        self.elsewhere = ""

    def answer(self, line: Line, heard: Heard) -> None:
        if self.to is None:
            line.send(response(self.status))
            return
        where = self.to.replace("HOST", heard.headers["host"]).replace("ELSEWHERE", self.elsewhere)
        line.send(response(self.status, Location=heard.target if where == "SAME" else where))


def cookies(service: str, way: str) -> Tally:
    """What a service plants is never sent again."""
    total = Tally()
    for cookie in _some(attacks.COOKIES, way):
        answer = json_response(400, {"detail": "no"}, Set_Cookie=cookie)

        async def play(field: Field, cookie: str = cookie) -> None:
            for _ in range(2):
                for called in calls(service, field.server.url):
                    await field.attack(f"cookie {_short(cookie)}", called)

        total.add(on_field(SUBJECTS[service], way, answer, play))
    return total


SKIRMISHES: Mapping[str, Skirmish] = {
    "ids": ids,
    "keys and links": keys,
    "approval tokens": tokens,
    "organizations, scopes and roles": places,
    "words and headers": words,
    "next links": next_links,
    "redirects": redirects,
    "cookies": cookies,
}
"""Every kind of attack by its name; `None` where a service has nothing to attack so."""
