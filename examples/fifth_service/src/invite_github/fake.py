"""A fake GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from invite_sdk.testing import FakeRequest, FakeResponse, FakeService, is_email, read_json_object

if TYPE_CHECKING:
    from invite_github.service import GitHub


class FakeGitHub(FakeService):
    """The organization `acme` on GitHub. `olivia` is its owner and only member; `ben` may not see its invitations."""

    service = "github"
    keeps = ("invitations",)
    known_roles = ("admin", "direct_member", "billing_manager", "reinstate")
    routes = (
        ("list_pending_invitations", "GET", "/orgs/*/invitations"),
        ("create_invitation", "POST", "/orgs/*/invitations"),
        ("list_failed_invitations", "GET", "/orgs/*/failed_invitations"),
        ("cancel_invitation", "DELETE", "/orgs/*/invitations/*"),
    )

    def __init__(self, *, seed: int = 0) -> None:
        super().__init__(seed=seed)
        self.tokens = {name: f"ghp_{self.new_uuid().hex}" for name in ("olivia", "ben")}
        self.invitations: dict[str, dict[str, object]] = {}
        self._limits: list[int] = []

    @property
    def credentials(self) -> Mapping[str, str]:
        return {name: f"Authorization: Bearer {token}" for name, token in self.tokens.items()}

    def connection(self, user: str | None = None) -> GitHub:
        """The SDK's connection as one of `tokens`; as the owner when left out."""
        from invite_github.service import GitHub

        return GitHub("acme", token=self.tokens[user or "olivia"], url=self.base_url)

    def invite(self, email: str | None = None, login: str | None = None, role: str = "direct_member") -> str:
        """Invites an address, or a user, without a request; the id of the invitation."""
        number = self.new_integer()
        self.invitations[str(number)] = {
            "id": number,
            "node_id": f"OI_{number}",
            "login": login,
            "email": email,
            "role": role,
            "created_at": self.clock.now().isoformat(),
            "failed_at": None,
            "failed_reason": None,
            "inviter": {"login": "olivia", "id": 1},
            "team_count": 0,
            "invitation_source": "member",
            "invitation_teams_url": f"{self.base_url}/organizations/1/invitations/{number}/teams",
        }
        return str(number)

    def fail(self, invitation_id: str, reason: str = "Invitation expired: nobody accepted it in 7 days.") -> None:
        """Moves a pending invitation to the failed ones."""
        self.invitations[invitation_id].update(failed_at=self.clock.now().isoformat(), failed_reason=reason)

    def limit(self, seconds: int, times: int = 1) -> None:
        """Lets the next requests meet a secondary rate limit, which asks to wait so long."""
        self._limits += [seconds] * times

    def answer_to(self, operation: str | None, request: FakeRequest) -> FakeResponse:
        user = self.user_of(request)
        if user is None:
            return _refusal(401, "Bad credentials")
        if self._limits:
            return _refusal(403, "You have exceeded a secondary rate limit.", wait=self._limits.pop(0))
        if request.header("X-GitHub-Api-Version") not in (None, "2022-11-28"):
            return _refusal(400, "There is no such version of the API.")
        if operation is None or user != "olivia" or request.path.split("/")[2].lower() != "acme":
            return _refusal(404, "Not Found")
        if operation == "create_invitation":
            return self._create(request)
        if operation == "cancel_invitation":
            if self.invitations.pop(request.path.rpartition("/")[2], None) is None:
                return _refusal(404, "Not Found")
            self.count("canceled")
            return FakeResponse(204)
        return self._list(request, failed=operation == "list_failed_invitations")

    def _list(self, request: FakeRequest, *, failed: bool) -> FakeResponse:
        asked = {} if failed else {name: request.param(name) for name in ("role", "invitation_source")}
        rows = [row for row in self.invitations.values() if (row["failed_at"] is not None) == failed]
        rows = [row for row in rows if all(value in (None, "all", row[name]) for name, value in asked.items())]
        page, size = request.number("page", 1), min(request.number("per_page", 30), 100)
        query = urlencode([*((name, value) for name, value in request.query if name != "page"), ("page", page + 1)])
        links = (("Link", f'<{self.base_url}{request.path}?{query}>; rel="next"'),) if page * size < len(rows) else ()
        return FakeResponse.json(200, rows[(page - 1) * size : page * size], links)

    def _create(self, request: FakeRequest) -> FakeResponse:
        try:
            asked = read_json_object(request.body)
        except (ValueError, TypeError):
            return _refusal(400, "Problems parsing JSON")
        email, invitee, role = asked.get("email"), asked.get("invitee_id"), asked.get("role", "direct_member")
        teams = asked.get("team_ids", [])
        if role not in self.known_roles or (email is None) == (invitee is None) or not isinstance(teams, list):
            return _refusal(422, "Invalid request. Give one of email and invitee_id, and a role that there is.")
        if email is not None and not is_email(str(email)):
            return _refusal(422, "Validation Failed", {"field": "email", "code": "invalid"})
        login = f"user-{invitee}" if email is None else None
        waiting = [row for row in self.invitations.values() if row["failed_at"] is None]
        known = ["olivia@acme.example", *(str(row["email"] or row["login"]).lower() for row in waiting)]
        if str(email or login).lower() in known:
            said = "A user with this email address is invited to this organization, or a part of it"
            return _refusal(422, "Validation Failed", {"field": "data", "code": "unprocessable", "message": said})
        made = self.invite(None if email is None else str(email), login, str(role))
        self.invitations[made]["team_count"] = len(cast("list[object]", teams))
        self.count("created")
        self.mail(str(email or login), "invitation", f"{self.base_url}/orgs/acme/invitation", made)
        return FakeResponse.json(201, self.invitations[made])


def _refusal(status: int, message: str, wrong: object = None, wait: int | None = None) -> FakeResponse:
    headers = () if wait is None else (("Retry-After", str(wait)), ("X-RateLimit-Remaining", "4000"))
    said = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return FakeResponse.json(status, said if wrong is None else {**said, "errors": [wrong]}, headers)
