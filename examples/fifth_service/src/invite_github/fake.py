"""A fake Gatehouse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode

from invite_sdk.testing import FakeRequest, FakeResponse, FakeService
from invite_sdk.testing.base.dump import from_plain
from invite_sdk.testing.base.wire import dashed, read_json_object

if TYPE_CHECKING:
    from invite_gatehouse.service import Gatehouse

_LISTING = "/v2/passes"
_ONE = re.compile(r"/v2/passes/([^/]+)(?:/(revoke|use))?")
_OPERATIONS = {
    ("GET", ""): "list_passes",
    ("POST", ""): "issue_pass",
    ("GET", "one"): "get_pass",
    ("POST", "revoke"): "revoke_pass",
    ("POST", "use"): "use_pass",
}


@dataclass(frozen=True, slots=True)
class FakePass:
    """A pass as it stands on the wire."""

    id: str
    email: str
    guest_name: str | None
    level: str
    state: str
    host: str
    issued_at: str


class FakeGatehouse(FakeService):
    """Gatehouse's passes. `hilda` is a host; `guest` has the address guest@example.com.

    Args:
        seed: every id and key follows from it.
    """

    service: ClassVar[str] = "gatehouse"

    def __init__(self, *, seed: int = 0) -> None:
        super().__init__(seed=seed)
        self.keys = {name: self.new_uuid().hex for name in ("hilda", "guest")}
        self._passes: dict[str, FakePass] = {}

    @property
    def invitations(self) -> list[FakePass]:
        """Every pass, oldest first."""
        return list(self._passes.values())

    @property
    def credentials(self) -> Mapping[str, str]:
        """For each user, the `Authorization` header line."""
        return {name: f"Authorization: Bearer {key}" for name, key in self.keys.items()}

    @property
    def operations(self) -> tuple[str, ...]:
        """The operationIds."""
        return tuple(_OPERATIONS.values())

    def operation_of(self, request: FakeRequest) -> str | None:
        """The operationId that a request addresses."""
        found = _ONE.fullmatch(request.path)
        kind = (found[2] or "one") if found else ""
        return _OPERATIONS.get((request.method, kind)) if found or request.path == _LISTING else None

    def connection(self, user: str | None = None) -> Gatehouse:
        """The SDK's connection as one of `keys`; the host when left out."""
        from invite_gatehouse.service import Gatehouse

        return Gatehouse(self.base_url, key=self.keys[user or "hilda"])

    def issue(self, email: str, *, level: str = "visitor", guest_name: str | None = None) -> FakePass:
        """Issues a pass without a request."""
        issued = self.clock.now().isoformat()
        return self._put(FakePass(str(self.new_uuid()), email, guest_name, level, "issued", "hilda", issued))

    def set_state(self, pass_id: str, state: str) -> FakePass:
        """Brings a pass into any state, also one that no Gatehouse knows."""
        return self._put(replace(self._passes[pass_id], state=state))

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        """The operation that a request addresses, and the answer."""
        operation = self.operation_of(request)
        caller = next((name for name, line in self.credentials.items() if _shows(request, line)), None)
        if operation is None:
            return None, _refusal(404, "unknown_path", "There is nothing here.")
        if caller is None:
            return operation, _refusal(401, "unknown_key", "Show a key.")
        if operation == "list_passes":
            return operation, self._list(request)
        if operation == "issue_pass":
            return operation, self._issue(request)
        found = _ONE.fullmatch(request.path)
        row = self._passes.get(dashed(found[1])) if found else None
        if row is None:
            return operation, _refusal(404, "unknown_pass", "There is no such pass.")
        if operation == "get_pass":
            return operation, FakeResponse.json(200, asdict(row))
        if operation == "revoke_pass":
            return operation, self._revoke(row)
        return operation, self._use(row, caller)

    def _list(self, request: FakeRequest) -> FakeResponse:
        state, page, size = request.param("state"), request.param("page") or "1", request.param("page_size") or "20"
        if not (page.isdecimal() and size.isdecimal() and int(page) and int(size)):
            return _refusal(400, "bad_page", "Pages count from 1.")
        if state not in (None, "issued", "used", "revoked"):
            return _refusal(400, "bad_state", "There is no such state.")
        rows = [row for row in self._passes.values() if state in (None, row.state)]
        last = int(page) * min(int(size), 100)
        shown = rows[last - min(int(size), 100) : last]
        query = [(name, value) for name, value in request.query if name != "page"]
        following = f"{self.base_url}{_LISTING}?{urlencode([*query, ('page', str(int(page) + 1))])}"
        return FakeResponse.json(
            200,
            {
                "passes": [asdict(row) for row in shown],
                "total": len(rows),
                "next": following if last < len(rows) else None,
            },
        )

    def _issue(self, request: FakeRequest) -> FakeResponse:
        try:
            fields = read_json_object(request.body)
        except (ValueError, TypeError):
            return _refusal(400, "bad_body", "Send a JSON object.")
        email, level, name = fields.get("email"), fields.get("level"), fields.get("guest_name")
        if not isinstance(email, str) or "@" not in email or len(email) > 254:
            return _refusal(400, "bad_email", "Give an email address.")
        if not isinstance(level, str) or level not in ("visitor", "resident"):
            return _refusal(400, "bad_level", "There is no such level.")
        if name is not None and not isinstance(name, str):
            return _refusal(400, "bad_name", "Give a name as text.")
        row = self.issue(email, level=level, guest_name=name)
        self.count("created")
        self.mail(email, "pass", f"{self.base_url}/passes/{row.id}", row.id)
        return FakeResponse.json(201, asdict(row))

    def _revoke(self, row: FakePass) -> FakeResponse:
        if row.state != "issued":
            return _refusal(409, "not_issued", f"The pass is {row.state}.")
        self.set_state(row.id, "revoked")
        self.count("canceled")
        return FakeResponse(204)

    def _use(self, row: FakePass, caller: str) -> FakeResponse:
        if row.state != "issued" or row.email.lower() != f"{caller}@example.com":
            return _refusal(404, "unknown_pass", "There is no such pass.")
        self.count("accepted")
        return FakeResponse.json(200, asdict(self.set_state(row.id, "used")))

    def _put(self, row: FakePass) -> FakePass:
        self._passes[row.id] = row
        return row

    def dump_world(self) -> object:
        return [asdict(row) for row in self._passes.values()]

    def load_world(self, world: object) -> None:
        self._passes = {row.id: row for row in from_plain(list[FakePass], world)}


def _shows(request: FakeRequest, line: str) -> bool:
    return f"Authorization: {request.header('Authorization')}" == line


def _refusal(status: int, code: str, message: str) -> FakeResponse:
    return FakeResponse.json(status, {"code": code, "message": message})
