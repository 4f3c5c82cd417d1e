"""Who calls, with which secrets, and everything that may be called: made up by hand, the same for every server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from invite_clients import cloudtruth, enhance, waldur, zenml
from invite_clients.enhance import NewInvite
from invite_sdk import CloudTruth, Enhance, Invitation, Scope, Status, Waldur, ZenML
from invite_sdk.services.connection import Connection
from tests.reliability.leaks import Secret

UUID = "5f0c3f0e-9a3c-4f57-8a3e-0d6a3f2b9c11"
HEADER_SECRET = "canary-{}-4f\"9\\%2F+=<&x'~"
"""As awkward as a header can carry it."""
KEY = "canary-key-77b0c2d41e9a"
PASSWORD = 'canary pässword "q" \\ % 7c1'
ACCEPT_SESSION = "canary-accept-session-31!%&"
ANSWERED_SESSION = "canary-answered-session-9d2"
LOGIN_TOKEN = 'canary-login-token-8"\\%2Fe'
APPROVAL = "canary-approval.MTIz:1abc-77b0c2"
NAME = "A name"
_NAMED = {"role": NAME, "scope": Scope("project", NAME, organization=NAME)}


@dataclass(frozen=True, slots=True)
class Called:
    """One call, by the client's method."""

    operation: str
    given: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """A connection with one kind of credential."""

    kind: str
    service: str
    make: Callable[[str, str], Connection]
    """A connection to the server at a URL, with a credential."""
    secrets: tuple[Secret, ...]
    """What must not show, beside the secrets of calls; its credential first."""

    def connect(self, url: str) -> Connection:
        """Its connection to the server at a URL."""
        return self.make(url, self.secrets[0].value)


def header_secret(kind: str) -> str:
    """A credential that is one of a kind."""
    return HEADER_SECRET.format(kind)


def _subject(kind: str, service: str, make: Callable[[str, str], Connection], *more: Secret) -> Subject:
    return Subject(f"{service} {kind}", service, make, (Secret(kind, header_secret(kind)), *more))


def subjects() -> Iterator[Subject]:
    """One for each kind of credential."""
    token = Secret("login token", LOGIN_TOKEN)
    yield _subject("token", "waldur", lambda url, value: Waldur(url, token=value))
    yield _subject("bearer", "waldur", lambda url, value: Waldur(url, bearer=value))
    yield _subject("api_key", "cloudtruth", lambda url, value: CloudTruth(url, api_key=value))
    yield _subject("jwt", "cloudtruth", lambda url, value: CloudTruth(url, jwt=value))
    yield _subject("api_key", "zenml", lambda url, value: ZenML(url, api_key=value), token)
    yield _subject("client_secret", "zenml", _machine, token)
    yield _subject("token", "zenml", lambda url, value: ZenML(url, token=value))
    yield _subject("token", "enhance", lambda url, value: Enhance(url, token=value, organization=UUID))
    yield _subject("session", "enhance", lambda url, value: Enhance(url, session=value, organization=UUID))


def _machine(url: str, value: str) -> Connection:
    return ZenML(url, client_id=UUID, client_secret=value, audience="https://audience.example")


def secrets(subject: Subject) -> tuple[Secret, ...]:
    """All that must not show when a subject calls: its credentials, and what its calls hold."""
    found = list(subject.secrets)
    if subject.service == "waldur":
        found.append(Secret("approval token", APPROVAL, is_credential=False))
    if subject.service == "enhance":
        found += [
            Secret("password", PASSWORD),
            Secret("accept's session", ACCEPT_SESSION),
            Secret("answered session", ANSWERED_SESSION),
            Secret("invite key", KEY, is_credential=False),
        ]
    return tuple(found)


def calls(service: str, url: str) -> tuple[Called, ...]:
    """Every operation of a service's unified API once or more, and some of its generated client."""
    return {"waldur": _waldur, "cloudtruth": _cloudtruth, "zenml": _zenml, "enhance": _enhance}[service](url)


def _by_id(*operations: str) -> tuple[Called, ...]:
    return tuple(Called(operation, (UUID,)) for operation in operations)


def _native(*native: object) -> tuple[Called, ...]:
    return tuple(Called("native", (one,)) for one in native)


def _inviting(**new: object) -> tuple[Called, ...]:
    return (
        *_by_id("get", "delete", "cancel", "accept", "resend", "check", "preview"),
        Called("list"),
        Called("count"),
        Called("create", ("ann@example.org",), new),
        Called("ensure", ("ann@example.org",), new),
        Called("update", (UUID,), {"email": "anna@example.org"}),
    )


def _waldur(url: str) -> tuple[Called, ...]:
    token = waldur.TokenRequest(token=APPROVAL)
    update = waldur.PatchedInvitationUpdateRequest(email="anna@example.org")
    return (
        *_inviting(role=UUID, scope=Scope("project", UUID)),
        Called("roles", (), {"name": NAME}),
        Called("scopes", (), {"name": NAME, "organization": NAME}),
        *(Called(operation, ("ann@example.org",), _NAMED) for operation in ("create", "ensure")),
        *(Called(operation, (), _NAMED) for operation in ("list", "count")),
        Called("update", (UUID,), {"role": NAME}),
        Called("approve", (APPROVAL,)),
        Called("reject", (APPROVAL,)),
        *_native(
            waldur.user_invitations_approve(body=token),
            waldur.user_invitations_reject(body=token),
            waldur.user_invitations_list(page=2),
            waldur.user_invitations_partial_update(UUID, body=update),
            waldur.projects_list(name=NAME, customer=UUID),
        ),
    )


def _cloudtruth(url: str) -> tuple[Called, ...]:
    body = cloudtruth.InvitationCreate(email="ann@example.org", role=cloudtruth.RoleEnum.VIEWER)
    return (
        *_inviting(role="VIEWER"),
        Called("roles"),
        *_native(cloudtruth.invitations_create(body=body), cloudtruth.invitations_retrieve(UUID)),
    )


def _zenml(url: str) -> tuple[Called, ...]:
    login = zenml.LoginRequest(password=header_secret("api_key"))
    machine = zenml.LoginRequest(client_id=UUID, client_secret=header_secret("client_secret"))
    return (
        *_by_id("get", "accept", "decline", "check", "preview"),
        Called("list"),
        Called("count"),
        *_native(
            zenml.auth_login(body=login),
            zenml.auth_login(body=machine),
            zenml.respond_to_invitation(UUID, accept=True),
        ),
    )


def _enhance(url: str) -> tuple[Called, ...]:
    invitee = {"email": "ann@example.org", "password": PASSWORD}
    body = enhance.AcceptInviteBody(email="ann@example.org", password=PASSWORD)
    return (
        *(Called(operation, (KEY,)) for operation in ("get", "check", "preview")),
        Called("check", (f"{url}/invites/{KEY}?email=ann@example.org",)),
        Called("create", ("ann@example.org",), {"role": "Support", "name": "Ann"}),
        Called("accept", (KEY,), invitee),
        Called("accept", (KEY,), {"session": ACCEPT_SESSION}),
        Called("accept", (made(url),), {"password": PASSWORD, "refetch": False}),
        Called("resend", (made(url),)),
        Called("roles"),
        Called("scopes"),
        *_native(enhance.accept_invite(KEY, body=body), enhance.validate_invite(KEY)),
    )


def made(url: str) -> Invitation:
    """What `create` returned once, with its key and its link."""
    return Invitation(
        service="enhance",
        id=KEY,
        status=Status.PENDING,
        email="ann@example.org",
        organization_id=UUID,
        url=f"{url}/invites/{KEY}?email=ann@example.org",
        native=NewInvite(email="ann@example.org", name="Ann", roles=[enhance.Role.SUPPORT]),
    )
