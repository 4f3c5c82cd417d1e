"""A fake ZenML Pro: a person's own pending invitations, and the login that gives tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Literal
from uuid import NAMESPACE_URL, uuid5

from invite_sdk.testing.base import fastapi
from invite_sdk.testing.base.wire import Refused, media_type, read_form
from invite_sdk.testing.messages import FakeClock, FakeRequest, FakeResponse, sendable
from invite_sdk.testing.zenml.backstage import ZenMLBackstage
from invite_sdk.testing.zenml.world import ZenMLInvitation, ZenMLUser

if TYPE_CHECKING:
    from invite_sdk.services.zenml import ZenML

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class FakeZenML(ZenMLBackstage):
    """ZenML Pro's invitations as their invitees see them. Inviting is not in its API, so `invite` does it here.

    It starts with the people `ana` (ana@example.com), `ben` (ben@example.com, with an avatar) and `olivia`
    (olivia@acme.example, with an avatar), and the service account `ci`, which has no address. `olivia` is in the
    organizations `Acme` (with a logo) and `Globex` (without), and has invited `ana` to both and `ben` to `Acme`. Each
    user has an API key and client credentials.

    Args:
        token_lifetime: seconds that a token from `/auth/login` works.
        invitation_lifetime: how long an invitation can be answered.
        api_key_as_bearer: take an API key as a bearer token without a login.
        audience: the audience that client credentials must ask for; any when left out.
        missing_status: the status for an unknown, withdrawn or expired invitation. Not published.
        answered_status: the status for one that is accepted or declined already. Not published.
        foreign_status: the status for someone else's. Not published.
        naive_dates: write `expiration_date` without an offset, as pydantic does for naive times.
        detail: the shape of `detail` in errors of the application.
        validation_detail: the shape of `detail` in a 422.
        empty: start without the users, organizations and invitations above.
        seed: every id and key follows from it.
        clock: the time, where several fakes share it.
        base_url: the origin of redirects.
    """

    def __init__(
        self,
        *,
        token_lifetime: int = 3600,
        invitation_lifetime: timedelta = timedelta(days=7),
        api_key_as_bearer: bool = True,
        audience: str | None = None,
        missing_status: Literal[404, 403, 409] = 404,
        answered_status: Literal[404, 403, 409] = 404,
        foreign_status: Literal[404, 403, 409] = 404,
        naive_dates: bool = False,
        detail: fastapi.Shape = "string",
        validation_detail: fastapi.Shape = "list",
        empty: bool = False,
        seed: int = 0,
        clock: FakeClock | None = None,
        base_url: str | None = None,
    ) -> None:
        super().__init__(seed=seed, clock=clock, base_url=base_url)
        self.invitation_lifetime = invitation_lifetime
        self.token_lifetime = token_lifetime
        self.api_key_as_bearer = api_key_as_bearer
        self.audience = audience
        self.missing_status = missing_status
        self.answered_status = answered_status
        self.foreign_status = foreign_status
        self.naive_dates = naive_dates
        self.detail: fastapi.Shape = detail
        self.validation_detail: fastapi.Shape = validation_detail
        self._throttled: list[tuple[int, str | None]] = []
        """How many requests are still to be refused so, one after the other."""
        if not empty:
            self._populate()

    def _populate(self) -> None:
        self.add_user("ana", "ana@example.com")
        self.add_user("ben", "ben@example.com", avatar_url="https://avatars.example/ben.png")
        self.add_user("olivia", "olivia@acme.example", avatar_url="https://avatars.example/olivia.png")
        self.add_user("ci", None)
        self.add_organization("Acme", members=("olivia",), logo_url="https://logos.example/acme.png")
        self.add_organization("Globex", members=("olivia",))
        for email, organization in (
            ("ana@example.com", "Acme"),
            ("ana@example.com", "Globex"),
            ("ben@example.com", "Acme"),
        ):
            self.invite(email, organization=organization, by="olivia")
        # The world's own making is not an effect of what a test does.
        self._state.effects.clear()
        self._state.outbox.clear()

    def connection(self, user: str | None = None, *, client_credentials: bool = False) -> ZenML:
        """The SDK's connection as one of `users`, by API key or by client credentials; `ana` when left out."""
        from invite_sdk.services.zenml import ZenML

        chosen = self.users[user] if user else self.users.first()
        if client_credentials:
            return ZenML(
                url=self.base_url,
                client_id=chosen.client_id,
                client_secret=chosen.client_secret,
                audience=self.audience or self.base_url,
            )
        return ZenML(url=self.base_url, api_key=chosen.api_key)

    def throttle(self, times: int = 1, *, retry_after: str | None = "1") -> None:
        """The next requests are answered with 429, and `Retry-After` in either form where it is given.

        Raises:
            ValueError: a number of times below 0, or a text that no header can carry.
        """
        if times < 0:
            raise ValueError(f"times: {times} is below 0")
        if retry_after is not None and not sendable(retry_after):
            raise ValueError(f"retry_after: no header can carry {retry_after!r}")
        if times > 0:
            self._throttled.append((times, retry_after))

    # The wire

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        """The operation that a request addresses, and the answer."""
        operation, response = super().respond(request)
        trace = request.header("X-Request-ID") or str(uuid5(NAMESPACE_URL, f"zenml:{len(self.requests)}"))
        return operation, replace(response, headers=(*response.headers, ("X-Request-ID", trace)))

    def answer_to(self, operation: str | None, request: FakeRequest) -> FakeResponse:
        """The answer to a request; what is at no path of the service is not throttled."""
        if operation is None:
            return fastapi.astray(request, self.routes, self.base_url)
        if self._throttled:
            left, wait = self._throttled.pop(0)
            if left > 1:
                self._throttled.insert(0, (left - 1, wait))
            refusal = self._error(429, "RateLimitError", "Too many requests.")
            return refusal if wait is None else replace(refusal, headers=(*refusal.headers, ("Retry-After", wait)))
        if operation == "auth_login":
            return self._login(request)
        user = self._authenticate(request)
        if operation == "list_invitations":
            return FakeResponse.json(200, [self._show(row) for row in self._pending(user)])
        id_ = request.path.split("/")[2]
        uuid = fastapi.read_uuid(("path", "invitation_id"), id_, self.validation_detail)
        if operation == "get_invitation":
            return FakeResponse.json(200, self._show(self._find(uuid, user)))
        accept = fastapi.read_bool(("query", "accept"), request.param("accept"), self.validation_detail)
        invitation = self._find(uuid, user)
        if not accept:
            self.count("declined")
            self._settle(invitation, "declined")
            return FakeResponse.json(200, None)
        self._check_may_join(invitation, user)
        self.count("accepted")
        self._join(invitation, user)
        self._settle(invitation, "accepted")
        return FakeResponse.json(200, invitation.organization)

    def _login(self, request: FakeRequest) -> FakeResponse:
        form = read_form(request) if media_type(request) in _FORMS else {}
        if form.get("grant_type") == "client_credentials":
            for name in ("client_id", "client_secret"):
                if not form.get(name):
                    return fastapi.invalid("missing", ("body", name), "Field required", None, self.validation_detail)
            wanted = (form["client_id"], form["client_secret"])
            user = next((u for u in self._world.users.values() if (u.client_id, u.client_secret) == wanted), None)
            if self.audience is not None and form.get("audience") != self.audience:
                user = None
        elif form.get("password"):
            user = next((u for u in self._world.users.values() if u.api_key == form["password"]), None)
        else:
            return fastapi.invalid("missing", ("body", "password"), "Field required", None, self.validation_detail)
        if user is None:
            return self._error(401, "AuthorizationException", "The credentials are not valid.")
        token = f"eyJhbGciOiJSUzI1NiJ9.{self.new_uuid().hex}.{self.new_uuid().hex}"
        self._world.tokens[token] = (user.name, self.clock.now() + timedelta(seconds=self.token_lifetime))
        self.count("logged_in")
        answer = {"access_token": token, "token_type": "bearer", "expires_in": self.token_lifetime}
        return FakeResponse.json(200, {**answer, "device_id": None, "device_metadata": None})

    def _authenticate(self, request: FakeRequest) -> ZenMLUser:
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() == "bearer" and token:
            name, ends = self._world.tokens.get(token, ("", self.clock.now()))
            if ends > self.clock.now():
                return self._world.users[name]
            if self.api_key_as_bearer:
                for user in self._world.users.values():
                    if user.api_key == token:
                        return user
            refusal = self._error(401, "AuthorizationException", "The token is not valid or has expired.")
        else:
            refusal = fastapi.error(401, "HTTPException", "Not authenticated")
        raise Refused(replace(refusal, headers=(*refusal.headers, ("WWW-Authenticate", "Bearer"))))

    def _pending(self, user: ZenMLUser) -> list[ZenMLInvitation]:
        rows = (self._world.invitations[id_] for id_ in self._index.get((user.email or "").lower(), ()))
        return [row for row in rows if self._is_open(row)]

    def _find(self, uuid: str, user: ZenMLUser) -> ZenMLInvitation:
        row = self._world.invitations.get(uuid)
        if row is not None and not _is_for(row, user):
            raise Refused(self._missing(self.foreign_status))
        if row is not None and row.state in {"accepted", "declined"}:
            raise Refused(self._missing(self.answered_status))
        if row is None or not self._is_open(row):
            raise Refused(self._missing(self.missing_status))
        return row

    def _missing(self, status: int) -> FakeResponse:
        kinds = {403: "IllegalOperationError", 404: "KeyError", 409: "EntityExistsError"}
        return self._error(status, kinds[status], "There is no pending invitation with this ID for the user.")

    def _error(self, status: int, kind: str, text: str) -> FakeResponse:
        return fastapi.error(status, kind, text, self.detail)

    # The records

    def _is_open(self, row: ZenMLInvitation) -> bool:
        return row.state == "pending" and row.expiration_date > self.clock.now()

    def _check_may_join(self, row: ZenMLInvitation, user: ZenMLUser) -> None:
        organization = self._world.organizations[row.organization]
        if user.id in organization.members:
            raise Refused(self._error(409, "EntityExistsError", "The user is a member of the organization already."))
        if organization.seats is not None and len(organization.members) >= organization.seats:
            raise Refused(self._error(402, "SubscriptionUpgradeRequiredError", "The plan allows no more members."))

    def _show(self, row: ZenMLInvitation) -> dict[str, object]:
        organization = self._world.organizations[row.organization]
        inviter = self._world.user(row.inviter)
        ends = row.expiration_date.astimezone(UTC).replace(tzinfo=None).isoformat()
        return {
            "id": row.id,
            "organization_name": organization.name,
            "organization_logo_url": organization.logo_url,
            "organization_member_count": len(organization.members),
            "inviting_user_name": inviter.name,
            "inviting_user_avatar_url": inviter.avatar_url,
            "expiration_date": ends if self.naive_dates else f"{ends}Z",
        }


def _is_for(row: ZenMLInvitation, user: ZenMLUser) -> bool:
    return user.email is not None and row.email.lower() == user.email.lower()
