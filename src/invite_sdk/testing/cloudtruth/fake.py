"""A fake CloudTruth: the invitations of the organizations that its API keys and logins belong to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from invite_sdk.testing.base import drf
from invite_sdk.testing.base.wire import Refused, dashed
from invite_sdk.testing.cloudtruth.backstage import CloudTruthBackstage
from invite_sdk.testing.cloudtruth.world import ROLES, STATES, CloudTruthAccount, CloudTruthInvitation, Role
from invite_sdk.testing.faults.operations import methods_of
from invite_sdk.testing.messages import FakeClock, FakeRequest, FakeResponse

if TYPE_CHECKING:
    from invite_sdk.services.cloudtruth import CloudTruth

_SORTABLE = ("email", "role", "state")


@dataclass(frozen=True, slots=True)
class _Caller:
    account: CloudTruthAccount
    scope: str | None
    """The organization that the key or JWT is for."""


class FakeCloudTruth(CloudTruthBackstage):
    """CloudTruth's invitations, with API keys and logins of organizations.

    It starts with the organization `Acme`: service accounts `owner`, `admin`, `contrib` and `viewer`, one a role, and
    the login `olivia` (olivia@acme.example), an OWNER. `Globex` has the service account `globex`. The logins `nina`
    (nina@example.com) and `ivan` (ivan@example.com) belong to nothing yet, so both can be invited and accept. There are
    no invitations.

    Args:
        era: `"2025"`, or `"2021"`: records lack `inviter_name` and `organization`, and a listing ignores `page_size`
            and `ordering`.
        state_case: how `state` is written; the service's own client expects either.
        email_case_sensitive: whether the `email` filter tells `A@b.example` from `a@b.example`.
        page_size: rows on a page that asks for no number of them. The real number is unknown.
        max_page_size: the most rows that `page_size` can ask for. The real number is unknown.
        least_role: the least permissive role that may write invitations. Only the rule "no role above your own" is
            published, so by default everyone may.
        refusal: the body of the 404 for an address that is invited or a member already, and for resending an accepted
            one: `{"detail": text}`, `{"detail": [text]}`, `{"detail": [{"parameter_name": …, "error_detail": …}]}`,
            `{"__all__": [text]}`, `[text]` or nothing.
        link_origin: the origin of `next` and `previous` where it is not that of the records.
        omit_empty_results: leave `results` out of an empty page; no key of it is required.
        empty: start without the organizations and accounts above.
        seed: every id and key follows from it.
        clock: the time, where several fakes share it.
        base_url: the origin of the links in answers.
    """

    def __init__(
        self,
        *,
        era: Literal["2025", "2021"] = "2025",
        state_case: Literal["lower", "upper"] = "lower",
        email_case_sensitive: bool = True,
        page_size: int = 10,
        max_page_size: int = 200,
        least_role: Role = "VIEWER",
        refusal: Literal["detail", "detail-list", "detail-objects", "all", "array", "empty"] = "detail",
        link_origin: str | None = None,
        omit_empty_results: bool = False,
        empty: bool = False,
        seed: int = 0,
        clock: FakeClock | None = None,
        base_url: str | None = None,
    ) -> None:
        super().__init__(seed=seed, clock=clock, base_url=base_url)
        self.era = era
        self.state_case = state_case
        self.email_case_sensitive = email_case_sensitive
        self.page_size = page_size
        self.max_page_size = max_page_size
        self.least_role: Role = least_role
        self.refusal = refusal
        self.link_origin = link_origin
        self.omit_empty_results = omit_empty_results
        if not empty:
            self._populate()

    def _populate(self) -> None:
        self.add_organization("Acme")
        for name, role in zip(("owner", "admin", "contrib", "viewer"), reversed(ROLES), strict=True):
            self.add_service_account(name, organization="Acme", role=role)
        self.add_user("olivia", "olivia@acme.example", organization="Acme", role="OWNER")
        self.add_organization("Globex")
        self.add_service_account("globex", organization="Globex", role="OWNER")
        self.add_user("nina", "nina@example.com")
        self.add_user("ivan", "ivan@example.com")

    def connection(self, user: str | None = None) -> CloudTruth:
        """The SDK's connection as one of `users`; the first one when left out."""
        from invite_sdk.services.cloudtruth import CloudTruth

        account = self.users[user] if user else self.users.first()
        return CloudTruth(url=self.base_url, api_key=account.api_key, jwt=account.jwt)

    def respond(self, request: FakeRequest) -> tuple[str | None, FakeResponse]:
        """The operation that a request addresses, and the answer."""
        methods = methods_of(self.routes, request.path)
        if not methods:
            slashed = methods_of(self.routes, f"{request.path}/")
            return None, drf.add_slash(request) if slashed else drf.page_not_found()
        try:
            operation, response = super().respond(request)
        except UnicodeEncodeError:
            # Half of a surrogate pair is in what was to be said; the framework fails on it as well.
            return self.operation_of(request), drf.server_error()
        allow = ("Allow", drf.allow(methods))
        return operation, replace(response, headers=(*response.headers, allow, ("Vary", "Accept")))

    def answer_to(self, operation: str | None, request: FakeRequest) -> FakeResponse:
        """The answer to a request for one of the service's paths."""
        drf.renderer_of(request, {"json": drf.JSON})
        id_ = request.path.split("/")[4]
        caller = self._authenticate(request)
        if operation == "invitations_accept_create":
            return self._accept(id_, caller)
        if caller is None:
            return drf.unauthenticated()
        if operation is None:
            if request.method == "OPTIONS":
                parses = [drf.JSON, *drf.FORMS]
                return FakeResponse.json(200, {"name": "Invitation", "renders": [drf.JSON], "parses": parses})
            return drf.detail(405, f'Method "{request.method}" not allowed.')
        if operation == "invitations_list":
            return self._list(request, caller)
        if operation == "invitations_create":
            return self._create(request, caller)
        row = self._world.invitations.get(dashed(id_))
        if row is None or row.organization != caller.scope:
            return drf.not_found()
        if operation == "invitations_retrieve":
            return FakeResponse.json(200, self._show(row))
        self._check_may_write(caller)
        if operation == "invitations_destroy":
            self._remove(row)
            return FakeResponse(204)
        if operation == "invitations_resend_create":
            return self._resend(row)
        return self._update(request, row, caller, partial=operation == "invitations_partial_update")

    def _authenticate(self, request: FakeRequest) -> _Caller | None:
        scheme, _, secret = (request.header("Authorization") or "").partition(" ")
        scheme = {"api-key": "Api-Key", "bearer": "Bearer"}.get(scheme.lower(), "")
        if not scheme:
            return None
        known = self._world.secrets.get(f"{scheme} {secret.strip()}")
        if known is None:
            text = "Invalid API key." if scheme == "Api-Key" else "Invalid token."
            raise Refused(drf.unauthenticated(text))
        name, scope = known
        return _Caller(self._world.accounts[name], scope)

    def _list(self, request: FakeRequest, caller: _Caller) -> FakeResponse:
        role = drf.filter_choice(request, "role", ROLES)
        state = drf.filter_choice(request, "state", [*STATES, *map(str.upper, STATES)])
        email = request.param("email")
        ids = self._index.by_organization.get(caller.scope or "", {})
        rows: Iterable[CloudTruthInvitation] = (self._world.invitations[id_] for id_ in ids)
        total = len(ids)
        ordering = request.param("ordering") if self.era != "2021" else None
        if role or state or email or ordering:
            chosen = [
                row
                for row in rows
                if (not role or row.role == role)
                and (not state or row.state == state.lower())
                and (not email or self._same_address(row.email, email))
            ]
            rows, total = _ordered(chosen, ordering), len(chosen)
        size = self._rows_on_page(request)
        number, pages = drf.page_window(request, total, size)
        origin = self.link_origin or self.base_url
        page: dict[str, object] = {
            "count": total,
            "next": drf.page_link(origin, request, number + 1) if number < pages else None,
            "previous": drf.page_link(origin, request, number - 1) if number > 1 else None,
        }
        if total or not self.omit_empty_results:
            page["results"] = [self._show(row) for row in islice(rows, (number - 1) * size, number * size)]
        return FakeResponse.json(200, page)

    def _create(self, request: FakeRequest, caller: _Caller) -> FakeResponse:
        email, role = self._read(request, required=True)
        scope = self._check_may_write(caller)
        self._check_role(caller, role)
        self._check_free(scope, email)
        return FakeResponse.json(201, self._show(self._add(scope, email, _role(role), caller.account)))

    def _update(
        self, request: FakeRequest, row: CloudTruthInvitation, caller: _Caller, *, partial: bool
    ) -> FakeResponse:
        email, role = self._read(request, required=not partial)
        if role:
            self._check_role(caller, role)
        if email and email.lower() != row.email.lower():
            self._check_free(row.organization, email)
        self.count("updated")
        changed = replace(row, email=email or row.email, role=_role(role) if role else row.role)
        return FakeResponse.json(200, self._show(self._change(row, changed)))

    def _accept(self, id_: str, caller: _Caller | None) -> FakeResponse:
        row = self._world.invitations.get(dashed(id_))
        if row is None or row.state == "accepted":
            return drf.not_found()
        email = caller.account.email if caller else None
        if caller is None or email is None or email.lower() != row.email.lower():
            return drf.detail(403, "The email address of the login does not match the invitation.")
        membership = self._join(caller.account.id, row.organization, row.role)
        self.count("accepted")
        accepted = replace(row, state="accepted", state_detail="", membership=membership.id)
        return FakeResponse.json(200, self._show(self._change(row, accepted)))

    def _resend(self, row: CloudTruthInvitation) -> FakeResponse:
        if row.state == "accepted":
            return self._refusal("The invitation was accepted already.")
        self.count("resent")
        row = self._change(row, replace(row, state="pending", state_detail=""))
        self._mail(row)
        return FakeResponse.json(200, self._show(row))

    def _read(self, request: FakeRequest, *, required: bool) -> tuple[str, str]:
        fields = drf.read_object(request)
        errors: dict[str, list[str]] = {}
        for name in ("email", "role"):
            if name not in fields:
                problems = [drf.REQUIRED] if required else []
            elif name == "email":
                problems = drf.text_errors(fields[name], 254, email=True)
            else:
                problems = drf.choice_errors(fields[name], ROLES)
            if problems:
                errors[name] = problems
        if errors:
            raise Refused(FakeResponse.json(400, errors))
        return drf.text_of(fields.get("email", "")), str(fields.get("role", ""))

    def _check_may_write(self, caller: _Caller) -> str:
        own = self._world.role_of(caller.account.id, caller.scope)
        if own is None or caller.scope is None or ROLES.index(own) < ROLES.index(self.least_role):
            raise Refused(drf.detail(403, "You do not have permission to perform this action."))
        return caller.scope

    def _check_role(self, caller: _Caller, role: str) -> None:
        own = self._world.role_of(caller.account.id, caller.scope)
        if own is None or ROLES.index(_role(role)) > ROLES.index(own):
            raise Refused(drf.detail(403, "You cannot give a role that is more permissive than your own."))

    def _check_free(self, scope: str, email: str) -> None:
        if self._index.holds(scope, email):
            raise Refused(self._refusal("An invitation for this email address exists already."))
        if self._world.has_member(email, scope):
            raise Refused(self._refusal("The owner of this email address is a member already."))

    def _refusal(self, text: str) -> FakeResponse:
        shapes: dict[str, object] = {
            "detail": {"detail": text},
            "detail-list": {"detail": [text]},
            "detail-objects": {"detail": [{"parameter_name": "email", "error_detail": text}]},
            "all": {"__all__": [text]},
            "array": [text],
        }
        return FakeResponse.json(404, shapes[self.refusal]) if self.refusal in shapes else FakeResponse(404)

    def _show(self, row: CloudTruthInvitation) -> dict[str, object]:
        root = f"{self.base_url}/api/v1"
        inviter = self._world.account(row.inviter)
        shown: dict[str, object] = {
            "url": f"{root}/invitations/{row.id}/",
            "id": row.id,
            "email": row.email,
            "role": row.role,
            "inviter": f"{root}/users/{quote(inviter.id, safe='')}/",
            "inviter_name": inviter.name,
            "state": row.state.upper() if self.state_case == "upper" else row.state,
            "state_detail": row.state_detail,
            "membership": f"{root}/memberships/{row.membership}/" if row.membership else None,
            "organization": f"{root}/organizations/{row.organization}/",
        }
        if self.era == "2021":
            del shown["inviter_name"], shown["organization"]
        return shown

    def _same_address(self, stored: str, asked: str) -> bool:
        return stored == asked if self.email_case_sensitive else stored.lower() == asked.lower()

    def _rows_on_page(self, request: FakeRequest) -> int:
        return self.page_size if self.era == "2021" else drf.page_size(request, self.page_size, self.max_page_size)


def _ordered(rows: list[CloudTruthInvitation], ordering: str | None) -> list[CloudTruthInvitation]:
    for word in reversed((ordering or "").split(",")):
        name = word.strip().removeprefix("-")
        if name in _SORTABLE:
            rows.sort(key=lambda row: str(getattr(row, name)), reverse=word.strip().startswith("-"))
    return rows


def _role(text: str) -> Role:
    return next(role for role in ROLES if role == text)
