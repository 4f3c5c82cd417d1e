"""A fake Enhance panel: invites to its organizations, their check and their acceptance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast

from invite_sdk.testing.base.wire import Refused, is_email, media_type, read_json_object
from invite_sdk.testing.enhance.backstage import EnhanceBackstage
from invite_sdk.testing.enhance.world import INVITING_ROLES, ROLES, EnhanceCredential, EnhanceOrg
from invite_sdk.testing.faults.operations import methods_of
from invite_sdk.testing.messages import FakeClock, FakeRequest, FakeResponse

if TYPE_CHECKING:
    from invite_sdk.services.enhance import Enhance

_LOCALE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who asks: an access token of an organization, a login with a session, or nobody."""

    token: EnhanceCredential | None = None
    login: str | None = None


class FakeEnhance(EnhanceBackstage):
    """Enhance's invites below `/api`, with access tokens and sessions of a tree of organizations.

    It starts with the master organization `Hosting`, below it the resellers `Acme` and `Globex`, and below Acme the
    customer `Bakery`. The access tokens `master`, `acme`, `bakery` and `globex` are SuperAdmins of these; `support` is
    a token of Acme with the role Support. The logins `olivia` (olivia@acme.example, Owner of Acme) and `ivan`
    (ivan@example.com, Business of Globex), both with the password `correct horse`, have sessions. There are no invites.

    Args:
        answer: the body of a 201: the invite's link as a JSON string, its key alone, the link as plain text, or
            nothing, as on old panels.
        reissue_kills_old_key: whether inviting an address again makes the earlier key invalid. Not published.
        member_status: the status of inviting a member. Not published.
        wrong_password_status: the status of accepting with a wrong email or password. Not published.
        error_bodies: whether errors carry `{code, detail}`: `full`, or `empty` for 401 and 403, or `none` at all.
        validate_nulls: write the fields that an invalid invite lacks as null.
        panel: the host in the links; that of `base_url` when left out.
        escape_email: percent-encode the address in the link.
        empty: start without the organizations, logins and tokens above.
        seed: every id, key and token follows from it.
        clock: the time, where several fakes share it.
        base_url: the panel's origin, without `/api`.
    """

    def __init__(
        self,
        *,
        answer: Literal["url", "key", "text", "empty"] = "url",
        reissue_kills_old_key: bool = True,
        member_status: Literal[400, 409] = 409,
        wrong_password_status: Literal[400, 401, 403] = 401,
        error_bodies: Literal["full", "empty", "none"] = "full",
        validate_nulls: bool = False,
        panel: str | None = None,
        escape_email: bool = False,
        empty: bool = False,
        seed: int = 0,
        clock: FakeClock | None = None,
        base_url: str | None = None,
    ) -> None:
        super().__init__(seed=seed, clock=clock, base_url=base_url)
        self.answer = answer
        self.reissue_kills_old_key = reissue_kills_old_key
        self.panel = panel
        self.escape_email = escape_email
        self.member_status = member_status
        self.wrong_password_status = wrong_password_status
        self.error_bodies = error_bodies
        self.validate_nulls = validate_nulls
        if not empty:
            self._populate()

    def _populate(self) -> None:
        for name, parent in (("Hosting", None), ("Acme", "Hosting"), ("Bakery", "Acme"), ("Globex", "Hosting")):
            self.add_org(name, parent=parent)
        for name, org in (("master", "Hosting"), ("acme", "Acme"), ("bakery", "Bakery"), ("globex", "Globex")):
            self.add_token(name, org=org)
        self.add_token("support", org="Acme", roles=("Support",))
        self.add_login("olivia", "olivia@acme.example", password="correct horse", org="Acme", roles=("Owner",))
        self.add_login("ivan", "ivan@example.com", password="correct horse", org="Globex", roles=("Business",))

    def connection(self, user: str | None = None) -> Enhance:
        """The SDK's connection as one of `users`, with its organization; `master` when left out."""
        from invite_sdk.services.enhance import Enhance

        chosen = self.users[user] if user else self.users.first()
        return Enhance(self.base_url, token=chosen.token, session=chosen.session, organization=chosen.org)

    def answer_to(self, operation: str | None, request: FakeRequest) -> FakeResponse:
        """The answer to a request, and outside of the API the panel's page."""
        if operation is not None:
            id_ = request.path.split("/")[3]
            if operation == "create_invite":
                return self._create(request, id_)
            return self._accept(request, id_) if operation == "accept_invite" else self._validate(id_)
        if methods := methods_of(self.routes, request.path):
            return FakeResponse(405, (("Allow", ", ".join(methods)),))
        if request.path.startswith("/api/"):
            return FakeResponse(404)
        # Outside /api is the panel's own site, which answers any path with its page.
        page = "<!doctype html>\n<title>Control panel</title>\n<div id=root></div>\n"
        return FakeResponse.html(200 if request.method in {"GET", "HEAD"} else 405, page)

    def _create(self, request: FakeRequest, org_id: str) -> FakeResponse:
        caller = self._authenticate(request)
        if caller == _Caller():
            raise self._refused(401, "unauthorized", "session")
        org = self._org_of(org_id)
        if org is None:
            raise self._refused(404, "not_found", "org")
        if not self._may_invite(caller, org):
            raise self._refused(403, "forbidden", "role")
        fields = self._read(request)
        email, name = self._text(fields, "email"), self._text(fields, "name")
        if not is_email(email):
            raise self._refused(400, "invalid_input", "email")
        roles = self._texts(fields, "roles", required=True)
        if not roles or not set(roles) <= set(ROLES):
            raise self._refused(400, "invalid_input", "roles")
        send_email = fields.get("sendEmail")
        if send_email is not None and not isinstance(send_email, bool):
            raise self._refused(400, "invalid_input", "sendEmail")
        site_accesses = self._texts(fields, "siteAccesses")
        notifications = self._texts(fields, "notifications")
        login = self._login_of(email)
        member = self._member_of(login.id, org.id) if login else None
        if member is not None and member.active:
            raise self._refused(self.member_status, "already_exists", "member")
        row = self._issue(
            org,
            email,
            name,
            roles,
            send_email=send_email is not False,
            site_accesses=site_accesses,
            notifications=notifications,
        )
        if self.answer == "empty":
            return FakeResponse(201)
        if self.answer == "text":
            return FakeResponse(201, (("Content-Type", "text/plain; charset=utf-8"),), self.link(row).encode())
        return FakeResponse.json(201, self.link(row) if self.answer == "url" else row.id)

    def _validate(self, key: str) -> FakeResponse:
        row = self._row_of(key)
        if row is None or row.state != "pending":
            absent = {"loginId": None, "orgId": None, "orgName": None, "role": None} if self.validate_nulls else {}
            return FakeResponse.json(200, {"isValid": False, **absent})
        org = self._world.orgs[row.org]
        shown = {"loginId": row.login, "orgId": org.id, "orgName": org.name, "role": row.roles[0]}
        return FakeResponse.json(200, {"isValid": True, **shown})

    def _accept(self, request: FakeRequest, key: str) -> FakeResponse:
        caller = self._authenticate(request)
        fields = self._read(request) if request.body else None
        row = self._row_of(key)
        if row is None or row.state != "pending":
            raise self._refused(404, "not_found", "invite")
        if caller.token is not None or caller.login not in {None, row.login}:
            raise self._refused(403, "forbidden", "session")
        if caller.login is not None:
            self._activate(row)
            return FakeResponse(200)
        if fields is None:
            raise self._refused(400, "invalid_input", "body")
        email, password = self._text(fields, "email"), self._text(fields, "password", required=False)
        locale = self._text(fields, "locale", required=False)
        if locale and not _LOCALE.fullmatch(locale):
            raise self._refused(400, "invalid_input", "locale")
        if not password:
            raise self._refused(400, "invalid_input", "password")
        login = self._world.logins[row.login]
        if email.lower() != row.email.lower() or login.password not in {None, password}:
            raise self._refused(self.wrong_password_status, "invalid_credentials", "login")
        self._world.logins[login.id] = replace(login, password=password)
        self._activate(row)
        session = self._new_session(login.id)
        return FakeResponse(200, (("Set-Cookie", f"id0={session}; Path=/; HttpOnly; SameSite=Lax"),))

    def _authenticate(self, request: FakeRequest) -> _Caller:
        scheme, _, secret = (request.header("Authorization") or "").partition(" ")
        if scheme:
            for credential in self._world.credentials.values():
                if scheme.lower() == "bearer" and credential.token is not None and credential.token == secret:
                    return _Caller(token=credential)
            raise self._refused(401, "unauthorized", "token")
        session = _cookie(request, "id0")
        if session is None:
            return _Caller()
        if session not in self._world.sessions:
            raise self._refused(401, "unauthorized", "session")
        return _Caller(login=self._world.sessions[session])

    def _may_invite(self, caller: _Caller, org: EnhanceOrg) -> bool:
        for scope in self._world.line(org):
            if caller.token is not None and caller.token.org == scope.id:
                return not INVITING_ROLES.isdisjoint(caller.token.roles)
            member = self._member_of(caller.login, scope.id) if caller.login else None
            if member is not None and member.active and not INVITING_ROLES.isdisjoint(member.roles):
                return True
        return False

    def _read(self, request: FakeRequest) -> dict[str, object]:
        if media_type(request) != "application/json":
            raise self._refused(400, "invalid_input", "content type")
        try:
            return read_json_object(request.body)
        except (ValueError, TypeError):
            raise self._refused(400, "invalid_input", "body") from None

    def _text(self, fields: Mapping[str, object], name: str, *, required: bool = True) -> str:
        value = fields.get(name)
        if isinstance(value, str) and (value or not required):
            return value
        if value is None and not required:
            return ""
        raise self._refused(400, "invalid_input", name)

    def _texts(self, fields: Mapping[str, object], name: str, *, required: bool = False) -> tuple[str, ...]:
        value = fields.get(name)
        if value is None and not required:
            return ()
        items = cast("list[object]", value) if isinstance(value, list) else [None]
        texts = tuple(item for item in items if isinstance(item, str))
        if len(texts) != len(items):
            raise self._refused(400, "invalid_input", name)
        return texts

    def _refused(self, status: int, code: str, detail: str) -> Refused:
        if self.error_bodies == "none" or (self.error_bodies == "empty" and status in {401, 403}):
            return Refused(FakeResponse(status))
        return Refused(FakeResponse.json(status, {"code": code, "detail": detail}))


def _cookie(request: FakeRequest, name: str) -> str | None:
    for pair in (request.header("Cookie") or "").split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            return value
    return None
