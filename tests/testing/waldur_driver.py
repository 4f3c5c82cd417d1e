"""A few lines that send requests to a FakeWaldur as one of its users."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from invite_sdk.testing.messages import FakeRequest
from invite_sdk.testing.waldur.fake import FakeWaldur
from invite_sdk.testing.waldur.model import WaldurInvitation

VERSIONS = ("7.0.7", "2025", "2026")
UNKNOWN = "00000000000000000000000000000000"
HIDDEN = {"detail": "No Invitation matches the given query."}
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
ANONYMOUS = {"detail": "Authentication credentials were not provided."}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def emails(self) -> list[str]:
        return [row["email"] for row in self.json]


class Driver:
    def __init__(self, fake: FakeWaldur) -> None:
        self.fake = fake

    def __call__(
        self,
        method: str,
        path: str = "",
        user: str | None = "owner",
        data: object = None,
        *,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        lines = dict(headers or {})
        if user is not None:
            lines["Authorization"] = f"Token {self.fake.users[user].token}"
        if data is not None:
            body = json.dumps(data).encode()
            lines["Content-Type"] = "application/json"
        target = path if path.startswith("/") else f"/api/user-invitations/{path}"
        response = self.fake.handle(FakeRequest(method, target, tuple(lines.items()), body))
        return Answer(response.status, dict(response.headers), response.body)

    def create(self, user: str | None = "owner", **fields: object) -> Answer:
        """A create request for a member of apollo; a field given as `...` is left out."""
        data: dict[str, object] = {
            "email": "new@example.com",
            "role": self.fake.roles["PROJECT.MEMBER"].uuid,
            "scope": self.fake.scope_url("apollo"),
            **fields,
        }
        return self("POST", "", user, {key: value for key, value in data.items() if value is not ...})

    def act(self, action: str, row: WaldurInvitation, user: str | None = "owner", data: object = None) -> Answer:
        return self("GET" if action == "details" else "POST", f"{row.uuid}/{action}/", user, data)


def driver(version: str = "2026", **settings: Any) -> Driver:
    return Driver(FakeWaldur(version, **settings))  # type: ignore[arg-type]
