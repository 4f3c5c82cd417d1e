"""FakeWaldur: the invitation API of Waldur MasterMind, answered without a server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from invite_sdk.testing.base import drf
from invite_sdk.testing.base.wire import Refused
from invite_sdk.testing.messages import FakeRequest, FakeResponse
from invite_sdk.testing.waldur.actions import WaldurActions, known
from invite_sdk.testing.waldur.lookups import KINDS
from invite_sdk.testing.waldur.model import WaldurUser
from invite_sdk.testing.waldur.options import describe
from invite_sdk.testing.waldur.tokens import MISSING, read_token, unauthorized
from invite_sdk.testing.waldur.wire import (
    PATH,
    Crash,
    add_slash,
    detail,
    finish,
    forbidden,
    hidden,
    page_not_found,
)
from invite_sdk.testing.waldur.world import hex_of

if TYPE_CHECKING:
    from invite_sdk.services.waldur import Waldur

_ROUTE: Final = re.compile(r"/api/user-invitations/(?:([^/.]+)/(?:([a-z]+)/)?)?")
_LOOKUP: Final = re.compile(rf"/api/({'|'.join(KINDS)})/(?:([^/.]+)/)?")
_ACTIONS: Final = ("accept", "cancel", "check", "delete", "details", "send")
_ROOT_ACTIONS: Final = ("approve", "reject")
_PUBLIC: Final = ("approve", "reject", "check")
_RENDERERS: Final = {"json": drf.JSON, "api": "text/html"}
_EMPTY_404: Final = FakeResponse(404)

_Handler = Callable[[FakeRequest, WaldurUser | None, str], FakeResponse]


class FakeWaldur(WaldurActions):
    """The invitation API of a Waldur server: stateful, deterministic, without I/O.

    A new one has the organization `acme` ("Acme Org") with the projects `apollo` and `beta`, the roles CUSTOMER.OWNER,
    CUSTOMER.MANAGER, PROJECT.ADMIN, PROJECT.MANAGER and PROJECT.MEMBER, and six users: `staff` and `support` (of the
    whole server), `owner` (of acme), `manager` (of apollo), and `bob` and `invitee` without a role. Each has the email
    `NAME@example.com`.

    Args:
        version: the server's age: "7.0.7", "2025" (of the published document's age) or "2026", the default.
        empty: start with the roles only.
        seed: every id and token follows from it.
        clock: the server's time; a clock of its own when left out.
        base_url: the origin of links in mails, and of URLs where a request has no Host header.
        settings: any field of `WaldurSettings`; `configure` changes them later.

    Raises:
        ValueError: an unknown version, or a setting that it does not have.
    """

    def connection(self, user: str | None = None) -> Waldur:
        """The SDK's connection with a user's token; the first user's when left out.

        Raises:
            KeyError: no such user.
        """
        from invite_sdk.services.waldur import Waldur

        chosen = self.users[user] if user else self.users.first()
        return Waldur(self.base_url, token=chosen.token)

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        """The operation that a request addresses, and the answer."""
        if request.method == "OPTIONS" and request.header("Access-Control-Request-Method") is not None:
            # Waldur's own middleware answers every preflight before anything looks at it; the headers that a browser
            # wants to see come from the proxy before it.
            return None, FakeResponse.html(200, "")
        if (lookup := _LOOKUP.fullmatch(request.path)) is not None:
            kind, uuid = lookup[1], lookup[2] or ""
            return self._respond(request, self._lookup_methods(kind, uuid), uuid, public=kind == "roles")
        match = _ROUTE.fullmatch(request.path)
        uuid, action = (match[1] or "", match[2] or "") if match else ("", "")
        if uuid in self._root_actions() and not action:
            uuid, action = "", uuid
        elif action and action not in _ACTIONS:
            match = None
        if match is None:
            slashed = _ROUTE.fullmatch(f"{request.path}/")
            mendable = slashed is not None and (slashed[2] is None or slashed[2] in _ACTIONS)
            mendable = mendable or _LOOKUP.fullmatch(f"{request.path}/") is not None
            return None, add_slash(request) if mendable else page_not_found()
        public = action in _PUBLIC and request.method != "DELETE"
        return self._respond(request, self._methods(uuid, action), uuid, public=public)

    def _respond(
        self, request: FakeRequest, table: Mapping[str, tuple[str | None, _Handler]], uuid: str, *, public: bool
    ) -> tuple[str | None, FakeResponse]:
        operation, handler = table.get(request.method, (None, self._method_not_allowed))
        if request.method == "OPTIONS":
            operation, handler = None, self._options
        browser = False
        try:
            browser = drf.renderer_of(request, _RENDERERS) == "api"
            user = self._authenticate(request, public=public)
            response = handler(request, user, uuid)
        except Refused as refused:
            response = refused.response
            if isinstance(refused, Crash):
                return operation, response
        except UnicodeEncodeError:
            # Half of a surrogate pair got past the checks into an error message; the real server fails on it as well.
            return operation, Crash().response
        finally:
            self._deliver()
        return operation, finish(response, request, drf.allow(table), browser=browser)

    # Routing and access.

    def _root_actions(self) -> tuple[str, ...]:
        return (*_ROOT_ACTIONS, "check-duplicates") if self._era.unique else _ROOT_ACTIONS

    def _methods(self, uuid: str, action: str) -> dict[str, tuple[str | None, _Handler]]:
        # The view's method `delete` is the staff-only action, and the framework dispatches DELETE to it on every URL
        # that has no DELETE of its own. It needs a UUID, so it crashes where there is none.
        wild: tuple[str | None, _Handler] = (None, self._delete if uuid else self._crash)
        if action == "details":
            read = ("user_invitations_details_retrieve", self._details)
            return {"GET": read, "HEAD": (None, self._details), "DELETE": wild}
        if action:
            handlers: dict[str, _Handler] = {
                "accept": self._accept,
                "cancel": self._cancel,
                "check": self._check,
                "delete": self._delete,
                "send": self._send,
                "approve": self._approve,
                "reject": self._reject,
                "check-duplicates": self._check_duplicates,
            }
            return {"POST": (f"user_invitations_{action.replace('-', '_')}", handlers[action]), "DELETE": wild}
        if uuid:
            read = ("user_invitations_retrieve", self._retrieve)
            head = (None, self._retrieve)
            if not self._era.editable:
                return {"GET": read, "HEAD": head, "DELETE": ("user_invitations_destroy", self._delete)}
            return {
                "GET": read,
                "HEAD": head,
                "PUT": ("user_invitations_update", self._update),
                "PATCH": ("user_invitations_partial_update", self._update),
                "DELETE": ("user_invitations_destroy", self._destroy),
            }
        return {
            "GET": ("user_invitations_list", self._list),
            "HEAD": ("user_invitations_count", self._list),
            "POST": ("user_invitations_create", self._create),
            "DELETE": wild,
        }

    def _lookup_methods(self, kind: str, uuid: str) -> dict[str, tuple[str | None, _Handler]]:
        def read(request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
            return self._lookups.answer(kind, uuid, request, user, self._writer(request).origin)

        def write(request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
            del request, uuid
            # What staff could make or change here is set up by the methods of the fake.
            raise unauthorized(MISSING) if user is None else forbidden()

        named = None if uuid else f"{kind}_list"
        writes = ("PUT", "PATCH", "DELETE") if uuid else ("POST",)
        return {"GET": (named, read), "HEAD": (None, read), **dict.fromkeys(writes, (None, write))}

    def _authenticate(self, request: FakeRequest, *, public: bool) -> WaldurUser | None:
        token = read_token(request)
        if token is None:
            if public:
                return None
            raise unauthorized(MISSING)
        user = self._world.by_token(token)
        if user is None:
            raise unauthorized("Invalid token.")
        if not user.is_active:
            raise unauthorized("User inactive or deleted.")
        now, life = self.clock.now(), self.settings.token_lifetime
        if user.token_expired or (life is not None and now - self._seen.get(token, now) > life):
            raise unauthorized("Token has expired.")
        self._seen[token] = now
        return user

    def _crash(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del request, user, uuid
        raise Crash

    def _method_not_allowed(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del user, uuid
        raise detail(405, f'Method "{request.method}" not allowed.')

    def _options(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        actions = self._profile_fields() if request.path == PATH else None
        del user, uuid
        return FakeResponse.json(200, describe(self._era, actions))

    # Reading.

    def _list(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del uuid
        writer = self._writer(request)
        page = self._listing.page(request, known(user), writer.origin, shuffle=self.settings.shuffle_ties)
        return FakeResponse.json(200, [writer.full(row) for row in page.rows], page.headers)

    def _retrieve(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        return FakeResponse.json(200, self._writer(request).full(self._visible(known(user), uuid)))

    def _details(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        reader = known(user)
        row = self._world.invitations.get(hex_of(uuid))
        if row is None:
            raise hidden()
        shown = row.state == "pending" or (self._era.inbox and row.state in ("canceled", "expired"))
        # A role in the scope itself counts, and none above it: not even an owner sees an accepted one here.
        held = any(grant.scope == row.scope for grant in self._world.grants_of(reader))
        if not (reader.is_staff or reader.is_support or held or (shown and self._meant_for(row, reader))):
            raise hidden()
        return FakeResponse.json(200, self._writer(request).visible(row))

    def _check(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del request, user
        row = self._world.invitations.get(hex_of(uuid))
        if row is None:
            raise hidden()
        if row.state != "pending":
            return _EMPTY_404
        answer: dict[str, object] = {"email": row.email}
        if row.civil_number:
            answer["civil_number_required"] = True
        return FakeResponse.json(200, answer)
