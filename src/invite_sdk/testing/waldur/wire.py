"""How Waldur puts records, times, errors and pages on the wire."""

from __future__ import annotations

import html
import json
from typing import Final
from urllib.parse import urlsplit

from invite_clients._times import datetime
from invite_sdk.testing.base.wire import Refused
from invite_sdk.testing.messages import FakeRequest, FakeResponse, Headers
from invite_sdk.testing.waldur.model import Era, WaldurCustomer, WaldurInvitation, WaldurProject
from invite_sdk.testing.waldur.world import World

PATH: Final = "/api/user-invitations/"
HIDDEN: Final = "No Invitation matches the given query."

_PAGE = (
    '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>{0}</title>\n</head>\n'
    "<body>\n  <h1>{0}</h1><p>{1}</p>\n</body>\n</html>\n"
)
_VARY: Final = ("Vary", "Accept-Language, Cookie")
_LANGUAGE: Final = ("Content-Language", "en")
_DENY: Final = ("X-Frame-Options", "DENY")

_ESTONIAN: Final = {"This field is required.": "Väli on kohustuslik."}
"""The real server translates all of its texts; this shows clients that read them."""


class Problem(Refused):
    """Ends the handling of a request with an error body in JSON."""

    def __init__(self, status: int, body: object, headers: Headers = ()) -> None:
        super().__init__(FakeResponse.json(status, body, headers))


class Crash(Refused):
    """The real server fails here without an answer of its own: 500, as a page."""

    def __init__(self) -> None:
        super().__init__(
            FakeResponse.html(500, _PAGE.format("Server Error (500)", ""), (_DENY, _VARY, _LANGUAGE)),
        )


def detail(status: int, text: str, headers: Headers = ()) -> Problem:
    """An error of one sentence."""
    return Problem(status, {"detail": text}, headers)


def hidden() -> Problem:
    """The 404 for an invitation that is missing or not the caller's to see."""
    return detail(404, HIDDEN)


def denied(era: Era) -> Problem:
    """The answer to a write without rights on something that the caller can see."""
    if era.denied == 404:
        return detail(404, "Not found.")
    return forbidden()


def forbidden() -> Problem:
    """The 403 of every age."""
    return detail(403, "You do not have permission to perform this action.")


def page_not_found() -> FakeResponse:
    """What an unknown path gets."""
    text = "The requested resource was not found on this server."
    return FakeResponse.html(404, _PAGE.format("Not Found", text), (_DENY, _VARY, _LANGUAGE))


def add_slash(request: FakeRequest) -> FakeResponse:
    """The redirect from a path without its closing slash; the location is relative."""
    path, mark, query = request.target.partition("?")
    parts = urlsplit(path)
    return FakeResponse.html(301, "", (("Location", f"{parts.path}/{mark}{query}"), _VARY, _LANGUAGE))


def finish(response: FakeResponse, request: FakeRequest, allow: str, *, browser: bool) -> FakeResponse:
    """Adds what the framework says on every answer, and wraps it into a page for those who asked for HTML."""
    headers = list(response.headers)
    body = response.body
    if browser and headers and headers[0] == ("Content-Type", "application/json"):
        headers[0] = ("Content-Type", "text/html; charset=utf-8")
        shown = html.escape(json.dumps(json.loads(body), ensure_ascii=False, indent=4))
        page = f"<!DOCTYPE html>\n<html>\n<title>Waldur MasterMind REST API</title>\n<pre>{shown}</pre>\n</html>\n"
        body = page.encode()
    language = _LANGUAGE
    if (request.header("Accept-Language") or "").lower().startswith("et"):
        language = ("Content-Language", "et")
        for english, estonian in _ESTONIAN.items():
            body = body.replace(english.encode(), estonian.encode())
    vary = "Accept, Cookie, Accept-Language" if browser else "Accept, Accept-Language, Cookie"
    headers += [("Vary", vary), ("Allow", allow), _DENY, language]
    return FakeResponse(response.status, tuple(headers), body)


def moment(value: datetime, era: Era) -> str:
    """A datetime in the notation of the era."""
    text = value.isoformat()
    return text.replace("+00:00", "Z") if era.zulu else text


class Writer:
    """Makes JSON objects of invitations.

    Args:
        world: where the records are.
        era: the server's age.
        fields: the profile fields that exist.
        origin: the scheme and host of absolute URLs.
    """

    def __init__(self, world: World, era: Era, fields: frozenset[str], origin: str) -> None:
        self._world = world
        self._era = era
        self._fields = fields
        self.origin = origin

    def url(self, row: WaldurInvitation) -> str:
        """The URL of one invitation."""
        return f"{self.origin}{PATH}{row.uuid}/"

    def full(self, row: WaldurInvitation) -> dict[str, object]:
        """An invitation as listed, read and created."""
        wire = self._summary(row, self.origin)
        wire["url"] = self.url(row)
        wire["uuid"] = row.uuid
        wire["role"] = row.role
        wire["created"] = moment(row.created, self._era)
        wire["expires"] = moment(row.expires, self._era)
        for name in ("full_name", "native_name", "tax_number", "phone_number", "organization", "job_title"):
            if name in self._fields:
                wire[name] = getattr(row, name)
        wire["email"] = row.email
        if "civil_number" in self._fields:
            wire["civil_number"] = row.civil_number
        wire["state"] = row.state
        wire["error_message"] = row.error_message
        wire["extra_invitation_text"] = row.extra_invitation_text
        wire["execution_state"] = row.execution_state
        return wire

    def visible(self, row: WaldurInvitation) -> dict[str, object]:
        """An invitation as the details page shows it. The picture's URL is relative here."""
        wire = self._summary(row, "")
        wire["email"] = row.email
        wire["error_message"] = row.error_message
        wire["execution_state"] = row.execution_state
        wire["state"] = row.state
        return wire

    def _summary(self, row: WaldurInvitation, origin: str) -> dict[str, object]:
        world = self._world
        scope = world.scope_of(row)
        customer = world.customers.get(row.customer)
        role = world.roles.get(row.role)
        creator = world.users.get(row.created_by)
        wire: dict[str, object] = {}
        if scope is not None:
            wire["scope_uuid"] = scope.uuid
            wire["scope_name"] = scope.name
        if self._era.scope_description:
            wire["scope_description"] = scope.description if isinstance(scope, WaldurProject) else ""
        wire["scope_type"] = row.scope_type
        if customer is not None:
            wire["customer_uuid"] = customer.uuid
            wire["customer_name"] = customer.name
        if role is not None:
            wire["role_name"] = role.name
            wire["role_description"] = role.description
        if creator is not None:
            wire["created_by_full_name"] = creator.full_name
            wire["created_by_username"] = creator.username
            if self._era.scope_description:
                wire["created_by_image"] = None if creator.image is None else f"{origin}{creator.image}"
        return wire


def scope_type(scope: WaldurCustomer | WaldurProject) -> str:
    """The word for a scope's kind."""
    return "project" if isinstance(scope, WaldurProject) else "customer"
