"""Enhance: `/orgs/{org}/invites` and `/invites/{key}`. Its ids are invite keys: secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urljoin, urlsplit

from invite_clients import enhance
from invite_sdk._errors import tree as errors
from invite_sdk._errors.bodies import moment_of
from invite_sdk._errors.classify import rule
from invite_sdk._flows.auth import StaticAuth
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Begun, Flow
from invite_sdk._flows.exchange import exchange, now, perform
from invite_sdk._flows.paging import decoded
from invite_sdk._model.ids import is_id
from invite_sdk._model.records import Delivery, InvitationCheck, InvitationFields, Status
from invite_sdk._privacy.masking import Hidden
from invite_sdk._privacy.texts import shown
from invite_sdk.services import common, settling
from invite_sdk.services.adapter import AcceptWith, Adapter, NewInvitation
from invite_sdk.services.capabilities import Capabilities, Support, emulated, local_filter, native, unsupported
from invite_sdk.services.connection import Connection, Secret, base_url, host_names, one_form, one_of
from invite_sdk.services.ids import require_segment

if TYPE_CHECKING:
    from pydantic import BaseModel, SecretStr

    from invite_clients._runtime import Call, Response
    from invite_sdk._flows.lookups import Lookup
    from invite_sdk._model.invitation import Acceptance, Invitation

SERVICE = "enhance"
SESSION_COOKIE = "id0"
ROLES = ("Owner", "SuperAdmin", "Business", "SiteAccess", "Support", "Sysadmin")

_SESSION_NAME = re.compile(rf"(?:__[A-Za-z-]+-)?{SESSION_COOKIE}")
"""The cookie may have a prefix that browsers heed, such as `__Host-`."""
_LINK = re.compile(r"https?://[^\s\"'<>]+", re.IGNORECASE)
_NAMES = frozenset({"id", "key", "inviteid", "invitekey", "url", "link", "inviteurl", "invitelink"})
"""What a panel may call an invite's key or link in an answer that is more than that."""
_REFUSALS = frozenset({"error", "errors", "code", "detail"})
_JOINED = re.compile(r",(?=\s*[^\s;,=]+=)")
"""Where a proxy may have joined two cookies."""
_SECONDS = re.compile(r"-?\d+", re.ASCII)
_WHOLE = re.compile(r".*[\s\"'<>?]", re.DOTALL)
"""What is whole in a text that breaks off: behind it are half a word, half a key, or half of what follows a key."""
_MAX_MENDED = 64 * 1024
_MAX_DEPTH = 20
"""How deep a record may lie in what breaks off, and more."""
_SURE_KEY = 16
"""Characters of a text that is long enough to be a key."""
_SHORTEST_KEY = 8
"""Characters of the shortest key, which has a digit."""

_NO_LIST = "Enhance cannot list or change invites; keep the Invitation that create returned."

CAPABILITIES = Capabilities(
    SERVICE,
    "Enhance",
    {
        "list": unsupported(note=_NO_LIST),
        "count": unsupported(note=_NO_LIST),
        "get": emulated("From check; only while it is valid."),
        "create": native(
            "Inviting the same address again mails again, with a new key.",
            parameters={
                "role": Support(
                    "native", "One role or several: Owner, SuperAdmin, Business, SiteAccess, Support, Sysadmin."
                ),
                "organization": Support("native", "The organization's id, unless the connection has one."),
                "name": Support("native", "Needed."),
                "extra": Support("native", "The other fields of Enhance's request, such as `sendEmail`."),
            },
        ),
        "ensure": unsupported("create", "Without a list nobody can tell whether one is open."),
        "update": unsupported("create", _NO_LIST),
        "delete": unsupported(note=_NO_LIST),
        "cancel": unsupported(note=_NO_LIST),
        "accept": native(
            "Sends none of the connection's credentials.",
            parameters={
                "email": Support("native", "Taken from the invitation or its link where they hold it."),
                "password": Support("native", "A new login's, or the existing one's."),
                "locale": Support("native", "A language tag such as en-GB."),
                "session": Support("native", "The invitee's own, instead of a password."),
            },
        ),
        "decline": unsupported(),
        "resend": emulated("Creates again from the Invitation that create returned; the id changes."),
        "approve": unsupported("accept"),
        "reject": unsupported(),
        "check": native("Needs no login."),
        "preview": emulated("From check; only while it is valid."),
        "roles": native(
            "Those of its document, without a request.", level="partial", parameters={"name": local_filter()}
        ),
        "scopes": native("The organization of the connection, without a request.", level="partial"),
    },
    duplicates=True,
)


_ADVICE = {
    **dict.fromkeys(("create", "create_invite"), "inviting again mails again, with a new key"),
    "resend": "the mail may have gone out; sending again mails again, with a new key",
    **dict.fromkeys(("accept", "accept_invite"), "check the invite: while it is valid, it was not accepted"),
}


class Enhance(Connection):
    """An Enhance control panel.

    Args:
        url: the panel's address, for example `https://panel.example.org`; `/api` is added where it is missing.
        token: an access token from the panel's settings, sent as `Authorization: Bearer …`.
        session: a login's session instead, sent as the cookie `id0`.
        organization: the id of the organization to invite into, unless each call names one.
        link_hosts: hosts beside the panel's own on which its links may be, such as a reseller's control panel: names,
            or a text with commas between them. Nothing is ever sent to them.
        allow_http: allow plain http to another machine, which shows the token to the network.

    Raises:
        ConfigurationError: a setting is missing or wrong.
    """

    __slots__ = ("_link_hosts", "_organization")
    _link_hosts: tuple[str, ...]
    _organization: str | None
    service = SERVICE
    settings = ("url", "token", "session", "organization", "link_hosts")
    secrets = ("token", "session")

    def __init__(
        self,
        url: str,
        *,
        token: Secret | None = None,
        session: Secret | None = None,
        organization: str | None = None,
        link_hosts: str | Iterable[str] = (),
        allow_http: bool = False,
    ) -> None:
        root = base_url("url", url, allow_http=allow_http, strip=("/api",)) + "/api"
        kind, value = one_of("Enhance", {"token": token, "session": session})
        if organization is not None:
            try:
                require_segment("organization", organization)
            except errors.InvalidArgumentError as error:
                raise errors.ConfigurationError(error.message) from None
        self._organization = organization
        self._link_hosts = host_names("link_hosts", link_hosts)
        super().__init__(root, StaticAuth.authorization("Bearer", value) if kind == "token" else _cookie(value))

    @property
    def organization(self) -> str | None:
        """The organization to invite into, unless a call names one."""
        return self._organization

    @property
    def defaults(self) -> Mapping[str, str]:
        """What `create` and `ensure` take from the connection."""
        return {} if self._organization is None else {"organization": self._organization}

    @property
    def link_hosts(self) -> tuple[str, ...]:
        """Hosts beside the panel's own on which its links may be. Nothing is ever sent to them."""
        return self._link_hosts

    @classmethod
    def adapter_type(cls) -> type[EnhanceAdapter]:
        """What knows Enhance."""
        return EnhanceAdapter


def _cookie(session: Hidden) -> StaticAuth:
    return StaticAuth("Cookie", Hidden(f"{SESSION_COOKIE}={session.get_secret_value()}"))


class EnhanceAdapter(Adapter):
    """Enhance's operations."""

    capabilities = CAPABILITIES
    id_kind = "opaque"
    role_names = ROLES
    ids_are_secret = True
    resends_without_id = True
    advice = _ADVICE
    error_rules = (
        rule(errors.AlreadyMemberError, operations=("create_invite",), statuses=(400, 409), codes=("already_exists",)),
        rule(
            errors.NotFoundError,
            operations=("create_invite",),
            statuses=(404,),
            shapes=("empty",),
            hint="the organization is unknown, or the URL setting is not the address of an Enhance panel",
        ),
        rule(
            errors.AuthenticationError,
            operations=("accept_invite",),
            statuses=(401,),
            hint="check the email and the password of the login, or the session",
        ),
        rule(
            errors.PermissionDeniedError,
            operations=("accept_invite",),
            statuses=(403,),
            hint="the session belongs to somebody else",
        ),
    )

    @classmethod
    def native_models(cls) -> tuple[type[BaseModel], ...]:
        """What was asked for, then what check says."""
        return (enhance.NewInvite, enhance.InviteValidation)

    def scopes(self, ctx: Context, wanted: Lookup, limit: int | None, page_size: int | None) -> Flow[None]:
        """The one organization that the connection names."""
        from invite_sdk._flows.lookups import known
        from invite_sdk._model.lookups import ScopeInfo

        organization = self.connection.organization
        if organization is None:
            raise errors.InvalidArgumentError(
                "Enhance cannot list organizations, and the connection names none: Enhance(..., organization=...)"
            )
        return known([ScopeInfo("organization", organization, organization_id=organization)], wanted, limit)

    @classmethod
    def is_resendable(cls, invitation: Invitation) -> bool:
        """Only what `create` returned holds the request to repeat."""
        return (
            isinstance(invitation.native, enhance.NewInvite)
            and invitation.organization_id is not None
            and invitation.is_open
        )

    def invitation_id(self, ctx: Context, value: str) -> str:
        """The key: as it is, or from the whole link on a host that is known to have this panel's links."""
        if "://" not in value:
            return require_segment("id", value)
        key, host = _key_and_host(value)
        here = urlsplit(ctx.base_url)
        panel = here.hostname or ""
        if key is None or host is None:
            example = f"{here.scheme}://{here.netloc}/invites/<key>"
            raise errors.InvalidArgumentError(f"the link must be one of this panel: {example}")
        if host != panel and host not in ctx.link_hosts:
            raise errors.InvalidArgumentError(
                f"the link must be one of this panel, {panel}, and not of {shown(host)}; where that is a reseller's, "
                "give the Invitation that create returned, or name the host to the connection with link_hosts"
            )
        return require_segment("id", key)

    def record_id(self, ctx: Context, record: Invitation) -> str | None:
        """The key in a record, or in its link, whatever host that is on: the panel wrote both."""
        value = record.id or record.url
        if value is None or "://" not in value:
            return None if value is None else require_segment("id", value)
        key = _key_and_host(value)[0]
        return None if key is None else require_segment("id", key)

    def get(self, ctx: Context, invitation_id: str) -> Flow[Invitation]:
        call = enhance.validate_invite(invitation_id)
        said = yield from perform(ctx, call)
        if not said.is_valid:
            raise errors.NotFoundError("the panel says that the invite is not valid, and not why", status=200)
        return _from_validation(invitation_id, said)

    def create(self, ctx: Context, new: NewInvitation) -> Flow[Invitation]:
        covered = {"email": "email", "name": "name", "roles": "role"}
        extra = common.extra_fields(new.extra, covered, enhance.NewInvite)
        if new.name is None:
            raise errors.InvalidArgumentError("Enhance needs the invitee's name: give name=")
        if new.organization is None:
            raise errors.InvalidArgumentError(
                "Enhance needs the organization to invite into: give organization=, here or to the connection"
            )
        given = {**extra, "email": new.email, "name": new.name, "roles": list(new.roles)}
        body = common.request_body(enhance.NewInvite, given, covered)
        return (yield from self._send(ctx, require_segment("organization", new.organization), body))

    def _send(self, ctx: Context, organization: str, body: enhance.NewInvite) -> Flow[Invitation]:
        """The 201 is the link, a bare key or nothing at all, by the panel's age; whichever, the invite was made."""
        write = settling.done(exchange(ctx, enhance.create_invite(organization, body=body)))
        yield from settling.settled(ctx, write, settling.cannot_look, lambda: True)
        said = None if ctx.answer is None else _said_in(ctx.answer)
        key, url = _made_in(said)
        is_told = key is not None and isinstance(said, str)
        if key is None and ctx.answer is not None and (location := ctx.answer.header("location")):
            key, link = _located(ctx.base_url, location)
            url = link or url
        host = _key_and_host(url)[1] if url else None
        if key and host:
            ctx.link_hosts.add(host)
        roles = tuple(str(role) for role in body.roles)
        fields: InvitationFields = {
            "id": key,
            "status": Status.PENDING,
            "email": body.email,
            "name": body.name,
            "role": roles[0] if roles else None,
            "roles": roles,
            "organization_id": organization,
            "delivery": None if body.send_email is False else Delivery.QUEUED,
            "url": url,
        }
        fields["partial"] = key is None
        made = common.invitation(SERVICE, body, fields)
        return made if is_told else common.with_answer(ctx, made, key)

    def resend(self, ctx: Context, invitation_id: str, known: Invitation | None, refetch: bool) -> Flow[Invitation]:
        if known is None or not isinstance(known.native, enhance.NewInvite) or known.organization_id is None:
            raise errors.InvalidArgumentError(
                "Enhance sends an invite again by creating it again: resend needs the Invitation that create returned, "
                "which holds the name, the roles and the organization; this one does not. To create it again for the "
                "same address mails again as well, with a new key"
            )
        again = yield from self._send(ctx, require_segment("organization", known.organization_id), known.native)
        return again.model_copy(update={"previous_id": invitation_id or None})

    def accept(self, ctx: Context, invitation_id: str, given: AcceptWith) -> Flow[Acceptance]:
        if ctx.stores_cookies:
            raise errors.ConfigurationError(
                "accepting answers with the invitee's session as a cookie, and your http_client would keep it: "
                "give it a jar that takes none, for example "
                "cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))"
            )
        known_email = (given.known.email or _email_in(given.known.url)) if given.known else None
        email = given.email or known_email or _email_in(given.link)
        if given.session is None and (email is None or given.password is None):
            missing = " and ".join(
                name for name, value in (("email", email), ("password", given.password)) if value is None
            )
            raise errors.InvalidArgumentError(
                f"Enhance needs {missing} to accept, or the session of the invitee; the connection's own credentials "
                "are never sent"
            )
        body = None
        if given.session is None or (given.email, given.password, given.locale) != (None, None, None):
            if email is None:
                raise errors.InvalidArgumentError("Enhance needs the email beside a password or a locale")
            password = None if given.password is None else given.password.get_secret_value()
            body = common.request_body(
                enhance.AcceptInviteBody, {"email": email, "password": password, "locale": given.locale}
            )
        call = _with_session(enhance.accept_invite(invitation_id, body=body), given.session)
        known: InvitationFields = {"id": invitation_id, "status": Status.ACCEPTED}
        before = given.known
        was_valid = False
        clock = yield from now()
        if before is None:
            before = yield from common.read_back(lambda: self.get(ctx, invitation_id), SERVICE, given.refetch, known)
            was_valid = not before.partial
        accepted = before.model_copy(
            update={"status": Status.ACCEPTED, "email": before.email or email, "delivery": None}
        )

        def unheard() -> Acceptance:
            """The body may break off after the session came."""
            session = None if ctx.answer is None else _session_in(ctx.answer, clock.unix)
            partial = accepted.model_copy(update={"partial": True})
            secret = None if session is None else session.get_secret_value()
            return common.accepted(common.with_answer(ctx, partial, secret), accepted.organization_id, session)

        def write() -> Flow[Acceptance]:
            response = yield from exchange(ctx, call)
            return common.accepted(accepted, accepted.organization_id, _session_in(response, clock.unix))

        def look() -> Flow[Acceptance | None]:
            """It was valid before: if it is not now, it was accepted. The new session is lost with its header."""
            if not was_valid:
                yield from settling.cannot_look()
            checked = yield from self.check(ctx, invitation_id)
            return None if checked.valid else unheard()

        return (yield from settling.settled(ctx, write(), look, unheard))

    def check(self, ctx: Context, invitation_id: str) -> Flow[InvitationCheck]:
        said = yield from perform(ctx, enhance.validate_invite(invitation_id))
        return InvitationCheck(
            valid=said.is_valid,
            organization_id=said.org_id,
            organization_name=said.org_name,
            role=None if said.role is None else str(said.role),
        )


def _from_validation(key: str, said: enhance.InviteValidation) -> Invitation:
    role = None if said.role is None else str(said.role)
    return common.invitation(
        SERVICE,
        said,
        {
            "id": key,
            "status": Status.PENDING,
            "native_status": "valid",
            "role": role,
            "roles": () if role is None else (role,),
            "organization_id": said.org_id or None,
            "organization_name": said.org_name or None,
        },
    )


def _said_in(response: Response) -> object:
    """What the answer to a new invite says: its JSON, or its text. Of one that broke off, what is whole in it."""
    text = response.body.decode("utf-8", "replace").strip()
    is_whole = not isinstance(response, Begun)
    if is_whole or text.endswith(('"', "]", "}")):
        try:
            return decoded(response)
        except errors.ResponseParseError:
            pass
    if text.startswith(("[", "{")):
        return _mended(text)
    if text.startswith('"') or not is_whole:
        whole = _WHOLE.match(text)
        return " ".join(_LINK.findall(whole.group().rstrip("?"))) if whole else None
    # A word on a page is no key.
    return " ".join(_LINK.findall(text)) if "html" in (response.header("content-type") or "") else text


def _mended(text: str) -> object:
    """The JSON of an object or a list that breaks off, without the member in which it does. A list has one more."""
    text = text[:_MAX_MENDED]
    closing: list[str] = []
    end, behind = 0, ""
    is_quoted = is_escaped = False
    for place, char in enumerate(text):
        if is_quoted:
            is_quoted = is_escaped or char != '"'
            is_escaped = char == "\\" and not is_escaped
        elif char == '"':
            is_quoted = True
        elif char in "{[":
            closing.insert(0, "}" if char == "{" else ",null]")
            if len(closing) > _MAX_DEPTH:
                return None
        elif char in "}]" and closing:
            del closing[0]
        elif char == ",":
            end, behind = place, "".join(closing)
    for mended in (text + "".join(closing), text[:end] + behind):
        try:
            return cast("object", json.loads(mended))
        except (ValueError, RecursionError):
            continue
    return None


def _located(base_url: str, location: str) -> tuple[str | None, str | None]:
    """The key and the link in a Location header. A path has a key, and nothing that could be given to the invitee."""
    try:
        link = urljoin(base_url, location)
    except ValueError:
        return None, None
    key = _key_and_host(link)[0]
    if key is None or not is_id("opaque", key):
        return None, None
    return key, link if link == location else None


def _made_in(said: object) -> tuple[str | None, str | None]:
    """The key and the link in what was said, in whatever shape, as far as it names just one."""
    texts = [text.strip().strip("\"'") for text in common.texts_in(said, _NAMES, _REFUSALS)]
    links = [link for text in texts for link in _links_in(text)]
    keyed = {key: link for link in links if (key := _key_and_host(link)[0]) and is_id("opaque", key)}
    if len(keyed) == 1:
        return keyed.popitem()
    if links:
        return None, links[0] if links == texts else None
    bare = {text for text in texts if is_id("opaque", text) and _may_be_key(text)}
    return (bare.pop() if len(bare) == 1 else None), None


def _may_be_key(text: str) -> bool:
    """Whether a bare word can be a key: those are UUIDs or long random texts. One such as "created" is none."""
    has_digit = any(map(str.isdigit, text))
    return len(text) >= _SURE_KEY or (len(text) >= _SHORTEST_KEY and has_digit)


def _links_in(text: str) -> list[str]:
    """The links in a text; one that is the whole of it as it is, since the address in it may be unescaped."""
    if _LINK.match(text) and not any(map(str.isspace, text)):
        return [text]
    return [link.rstrip(".,;:!?)") for link in _LINK.findall(text)]


def _key_and_host(link: str) -> tuple[str | None, str | None]:
    """The key in a link and the link's host. The address behind it may be unescaped and is not looked at."""
    try:
        parts = urlsplit(link.strip())
        _ = parts.port
        host = one_form("link", parts.hostname.removesuffix(".")) if parts.hostname else None
    except (ValueError, errors.ConfigurationError):
        return None, None
    if "\\" in link or parts.username is not None:
        return None, None
    before, found, key = parts.path.partition("/invites/")
    if parts.scheme not in ("http", "https") or not found or before not in ("", "/api"):
        return None, host
    return unquote(key.rstrip("/")) or None, host


def _email_in(link: str | None) -> str | None:
    """The address in a link, whose `+` may stand for itself."""
    # Not parsed as a URL: in a record it is whatever the service wrote.
    for pair in (link or "").partition("#")[0].partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if name == "email" and "@" in unquote(value):
            return unquote(value)
    return None


def _with_session(call: Call[None], session: Hidden | None) -> Call[None]:
    if session is None:
        return call
    value = session.get_secret_value()
    if not value or any(not 32 < ord(char) < 127 or char in ';,"\\' for char in value):
        raise errors.InvalidArgumentError("session holds a character that no cookie can carry")
    headers = (*call.request.headers, ("Cookie", f"{SESSION_COOKIE}={value}"))
    return replace(call, request=replace(call.request, headers=headers))


def _session_in(response: Response, now: float) -> SecretStr | None:
    """The invitee's new session, the last one that the answer sets. It goes to the caller and nowhere else.

    A cookie is read as browsers do (RFC 6265, 5.2): its name and value come first, and what follows is no reason to
    drop it. Proxies join several into one header with commas, which they may not. A date counts from the answer's own
    `Date`, whose clock it was made by, or else from `now`, a Unix time.
    """
    sent = moment_of(response.header("date") or "")
    moment = now if sent is None else sent
    said = [value for name, value in response.headers if name.lower() == "set-cookie"]
    found = [_session_of(cookie, moment) for value in said for cookie in _JOINED.split(value)]
    session = next(filter(None, reversed(found)), None)
    if session is None:
        return None
    from pydantic import SecretStr

    return SecretStr(session)


def _session_of(cookie: str, now: float) -> str | None:
    """The session that a cookie brings; nothing where it is another cookie, or takes one back."""
    pair, _, attributes = cookie.partition(";")
    name, _, value = pair.partition("=")
    if not _SESSION_NAME.fullmatch(name.strip()) or _takes_back(attributes, now):
        return None
    return value.strip().strip('"') or None


def _takes_back(attributes: str, now: float) -> bool:
    """Whether a cookie is over already: by its Max-Age, else by its date. What cannot be read says nothing."""
    by_age = by_date = None
    for attribute in attributes.split(";"):
        name, _, value = attribute.partition("=")
        kind, said = name.strip().lower(), value.strip().strip('"')
        if kind == "max-age" and _SECONDS.fullmatch(said):
            by_age = said.startswith("-") or not said.strip("0")
        elif kind == "expires" and (moment := moment_of(said)) is not None:
            by_date = moment <= now
    return bool(by_date if by_age is None else by_age)
