"""Other people's SDKs, each driven over an in-process transport with rows of its own service.

Where the peer's service has invitations, they are listed; Stripe has none, so customers are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import auth0.management
import clerk_backend_api
import githubkit
import httpx
import httpx2
import openai
import stripe
import workos

from benchmarks._data import Row, compact, waldur_row
from benchmarks._transports import Canned, canned_for

CREATED, EXPIRES = "2026-11-22T00:39:32.195Z", "2026-11-29T00:39:32.195Z"


@dataclass(frozen=True, slots=True)
class Peer:
    """One SDK with a page of rows, and what asks for the page and for one row."""

    name: str
    library: ModuleType
    """The HTTP library that it stands on, with which the bare side asks too."""
    rows: list[Row]
    body: bytes
    key: str | None
    """Where the rows are in the body; `None` where the body is the rows."""
    listed: Callable[[], Iterable[Any]]
    got: Callable[[], Any] | None = None


def peers(rows: int, stack: ExitStack) -> list[Peer]:
    """Every peer, its clients closed by the stack."""
    return [make(rows, stack) for make in (_githubkit, _workos, _clerk, _auth0, _openai, _stripe)]


def _client(stack: ExitStack, body: bytes, one: bytes, single: str) -> tuple[httpx.Client, Canned]:
    transport = _ByPath(body, one, single)
    return stack.enter_context(httpx.Client(transport=transport)), transport


class _ByPath(Canned):
    """The page, or one row where the path ends in its id."""

    def __init__(self, body: bytes, one: bytes, single: str) -> None:
        super().__init__(body)
        self._one = Canned(one)
        self._single = single

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answers."""
        if request.url.path.endswith(self._single):
            return self._one.handle_request(request)
        return super().handle_request(request)


def _githubkit(count: int, stack: ExitStack) -> Peer:
    rows = [_github_row(number) for number in range(count)]
    body = compact(rows)
    client = githubkit.GitHub("token", transport=Canned(body), http_cache=False, auto_retry=False)
    stack.enter_context(client)
    return Peer(
        "githubkit",
        httpx,
        rows,
        body,
        None,
        lambda: client.rest.orgs.list_pending_invitations("acme", per_page=100).parsed_data,
    )


def _github_row(number: int) -> Row:
    user = f"https://api.github.com/users/inviter{number}"
    return {
        "id": 1000 + number,
        "login": None,
        "node_id": f"MDIyOk9yZ2FuaXphdGlvbkludml0YXRpb24{number}",
        "email": f"invitee{number}@example.com",
        "role": "direct_member",
        "created_at": CREATED,
        "failed_at": None,
        "failed_reason": None,
        "inviter": {
            "login": f"inviter{number}",
            "id": number + 1,
            "node_id": f"MDQ6VXNlcj{number}",
            "avatar_url": f"https://avatars.example.com/u/{number}?v=4",
            "gravatar_id": "",
            "url": user,
            "html_url": f"https://github.com/inviter{number}",
            "followers_url": f"{user}/followers",
            "following_url": f"{user}/following{{/other_user}}",
            "gists_url": f"{user}/gists{{/gist_id}}",
            "starred_url": f"{user}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{user}/subscriptions",
            "organizations_url": f"{user}/orgs",
            "repos_url": f"{user}/repos",
            "events_url": f"{user}/events{{/privacy}}",
            "received_events_url": f"{user}/received_events",
            "type": "User",
            "site_admin": False,
        },
        "team_count": 2,
        "invitation_teams_url": f"https://api.github.com/organizations/1/invitations/{number}/teams",
        "invitation_source": "member",
    }


def _workos(count: int, stack: ExitStack) -> Peer:
    rows = [_workos_row(number) for number in range(count)]
    body = compact({"object": "list", "data": rows, "list_metadata": {"before": None, "after": None}})
    single = rows[0]["id"]
    http, _ = _client(stack, body, compact(rows[0]), single)
    client = workos.WorkOSClient(api_key="sk_test", client_id="client", http_client=http)
    return Peer(
        "workos",
        httpx,
        rows,
        body,
        "data",
        lambda: client.user_management.list_invitations(limit=100).data,
        lambda: client.user_management.get_invitation(single),
    )


def _workos_row(number: int) -> Row:
    token = f"Z1uX3RbwcIl5fIGJJJCXXisdI{number}"
    return {
        "object": "invitation",
        "id": f"invitation_01E4ZCR3C56J083X43JQXF3{number:03}",
        "email": f"invitee{number}@example.com",
        "state": "pending",
        "accepted_at": None,
        "revoked_at": None,
        "expires_at": EXPIRES,
        "organization_id": "org_01E4ZCR3C56J083X43JQXF3JK5",
        "inviter_user_id": "user_01HYGBX8ZGD19949T3BM4FW1C3",
        "accepted_user_id": None,
        "role_slug": "member",
        "created_at": CREATED,
        "updated_at": CREATED,
        "token": token,
        "accept_invitation_url": f"https://your-app.example.com/invite?invitation_token={token}",
    }


def _clerk(count: int, stack: ExitStack) -> Peer:
    rows = [_clerk_row(number) for number in range(count)]
    body = compact(rows)
    http = stack.enter_context(httpx.Client(transport=Canned(body)))
    client = clerk_backend_api.Clerk(bearer_auth="sk_test", client=http)
    return Peer("clerk-backend-api", httpx, rows, body, None, lambda: client.invitations.list(limit=100))


def _clerk_row(number: int) -> Row:
    return {
        "object": "invitation",
        "id": f"inv_2g7np7Hrk0SN6kj5EDMLDaKN{number:04}",
        "email_address": f"invitee{number}@example.com",
        "public_metadata": {},
        "status": "pending",
        "created_at": 1790000000000 + number,
        "updated_at": 1790000000000 + number,
        "revoked": False,
        "url": f"https://accounts.example.com/sign-up?__clerk_ticket=eyJhbGciOiJSUzI1NiIsImtpZCI6Imlu{number}",
        "expires_at": 1790604800000 + number,
    }


def _auth0(count: int, stack: ExitStack) -> Peer:
    rows = [_auth0_row(number) for number in range(count)]
    body = compact({"start": 0, "limit": 100, "invitations": rows})
    http = stack.enter_context(httpx.Client(transport=Canned(body)))
    client = auth0.management.Auth0(base_url="https://tenant.auth0.com/api/v2", token="token", httpx_client=http)  # noqa: S106
    return Peer(
        "auth0-python",
        httpx,
        rows,
        body,
        "invitations",
        lambda: client.organizations.invitations.list("org_1", per_page=100).items or [],
    )


def _auth0_row(number: int) -> Row:
    ticket = f"bVSXDgAcKOLBEEHPbPxrdHWLdMPTc{number:03}"
    return {
        "id": f"uinv_0000000000000{number:03}",
        "organization_id": "org_0000000000000001",
        "inviter": {"name": f"Inviter {number}"},
        "invitee": {"email": f"invitee{number}@example.com"},
        "invitation_url": f"https://acme.example.org/login?invitation={ticket}&organization=org_0000000000000001",
        "created_at": CREATED,
        "expires_at": EXPIRES,
        "client_id": "AaiyAPdpYdesoKnqjj8HJqRn4T5titww",
        "connection_id": "con_0000000000000001",
        "app_metadata": {},
        "user_metadata": {},
        "roles": ["rol_0000000000000001"],
        "ticket_id": ticket,
    }


def _openai(count: int, stack: ExitStack) -> Peer:
    rows = [_openai_row(number) for number in range(count)]
    body = compact(
        {
            "object": "list",
            "data": rows,
            "first_id": rows[0]["id"],
            "last_id": rows[-1]["id"],
            "has_more": False,
        }
    )
    http = stack.enter_context(httpx2.Client(transport=canned_for(httpx2, body)))
    client = openai.OpenAI(api_key="sk-test", admin_api_key="sk-admin", http_client=http)
    return Peer("openai", httpx2, rows, body, "data", lambda: client.admin.organization.invites.list(limit=100).data)


def _openai_row(number: int) -> Row:
    return {
        "object": "organization.invite",
        "id": f"invite-{number:024}",
        "email": f"invitee{number}@example.com",
        "role": "reader",
        "status": "pending",
        "created_at": 1790000000 + number,
        "expires_at": 1790604800 + number,
        "accepted_at": None,
        "projects": [{"id": "project-xyz", "role": "member"}, {"id": "project-abc", "role": "owner"}],
    }


class _StripeOverHttpx(stripe.HTTPClient):
    """Stripe's own way to bring an HTTP client."""

    name = "httpx"

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self._client = client

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[bytes, int, Any]:
        """Sends over httpx."""
        answer = self._client.request(method, url, headers=headers, content=post_data)
        return answer.content, answer.status_code, answer.headers

    def close(self) -> None:
        """Nothing to do: the stack closes the client."""


def _stripe(count: int, stack: ExitStack) -> Peer:
    rows = [_stripe_row(number) for number in range(count)]
    body = compact({"object": "list", "url": "/v1/customers", "has_more": False, "data": rows})
    single = rows[0]["id"]
    http, _ = _client(stack, body, compact(rows[0]), single)
    client = stripe.StripeClient("sk_test", http_client=_StripeOverHttpx(http))
    return Peer(
        "stripe",
        httpx,
        rows,
        body,
        "data",
        lambda: client.v1.customers.list(params={"limit": 100}).data,
        lambda: client.v1.customers.retrieve(single),
    )


def _stripe_row(number: int) -> Row:
    waldur = waldur_row(number)
    return {
        "id": f"cus_NffrFeUfNV{number:04}",
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": 1790000000 + number,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": waldur["email"],
        "invoice_prefix": f"0759{number:04}",
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": waldur["created_by_full_name"],
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
