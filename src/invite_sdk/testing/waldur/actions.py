"""What changes invitations on a fake Waldur: who may, when, and what is said otherwise."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import cast
from urllib.parse import urlsplit

from invite_sdk.testing.base import drf
from invite_sdk.testing.messages import FakeRequest, FakeResponse
from invite_sdk.testing.waldur.body import MISMATCH, Form
from invite_sdk.testing.waldur.listing import sees
from invite_sdk.testing.waldur.model import OPEN_STATES, Scope, WaldurInvitation, WaldurProject, WaldurRole, WaldurUser
from invite_sdk.testing.waldur.setup import WaldurSetup
from invite_sdk.testing.waldur.tokens import MISSING, unauthorized, unsign
from invite_sdk.testing.waldur.wire import Crash, Problem, Writer, denied, forbidden, hidden, scope_type
from invite_sdk.testing.waldur.world import hex_of


class WaldurActions(WaldurSetup):
    """The handlers of every request that writes. Each takes the request, the caller and the UUID in the path."""

    def _writer(self, request: FakeRequest) -> Writer:
        base = urlsplit(self.base_url)
        origin = f"{base.scheme}://{request.header('Host') or base.netloc}"
        return Writer(self._world, self._era, self._profile_fields(), origin)

    def _visible(self, user: WaldurUser, uuid: str) -> WaldurInvitation:
        row = self._world.invitations.get(hex_of(uuid))
        test = sees(self._world, self._era, user)
        if row is None or (test is not None and not test(row)):
            raise hidden()
        return row

    def _managed(self, user: WaldurUser, uuid: str) -> WaldurInvitation:
        row = self._visible(user, uuid)
        self._check_rights(user, row)
        return row

    def _check_rights(self, user: WaldurUser, row: WaldurInvitation) -> None:
        if not self._world.may_manage(user, self._world.scope_of(row)):
            raise denied(self._era)

    def _meant_for(self, row: WaldurInvitation, user: WaldurUser) -> bool:
        """Whether a user may accept an invitation, as far as civil number and settings go."""
        if self.settings.validate_invitation_email and row.email != user.email:
            return False
        return row.civil_number in ("", user.civil_number)

    def _create(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del uuid
        inviter = known(user)
        data = drf.read_object(request)
        form = Form()
        form.take_role(data, self._world, required=True)
        form.take_scope(data, self._world, inviter)
        names = self._profile_fields() | {"email", "extra_invitation_text"}
        form.take_texts(data, names, require_email=True)
        form.refuse()
        role, scope = form.role, form.scope
        if role is None or scope is None or role.content_type != scope_type(scope):
            raise Problem(400, {"non_field_errors": [MISMATCH]})
        email = form.texts.pop("email")
        if self._era.unique and self._open_twin(email, role, scope):
            raise Problem(400, {"email": ["Pending invitation already exists for this email and role."]})
        if refused := self._pattern_refuses(email, scope):
            raise Problem(400, {"email": [refused]})
        if not self._world.may_manage(inviter, scope):
            raise denied(self._era)
        row = replace(self._new(email, role, scope, inviter.uuid), **form.texts)  # type: ignore[arg-type]
        if self._starts_later(scope.uuid):
            row = self._put(replace(row, state="project"))
        elif self.settings.only_staff_can_invite and not inviter.is_staff:
            row = self._schedule(replace(row, state="requested"))
        else:
            row = self._schedule(row)
        self.count("created")
        writer = self._writer(request)
        return FakeResponse.json(201, writer.full(row), (("Location", writer.url(row)),))

    def _update(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        editor = known(user)
        row = self._visible(editor, uuid)
        data = drf.read_object(request)
        form = Form()
        form.take_texts(data, ("email",), require_email=request.method == "PUT")
        form.take_role(data, self._world, required=False)
        if form.role is not None and form.role.content_type != row.scope_type:
            form.errors["role"] = [MISMATCH]
        form.refuse()
        if row.state not in ("pending", "project"):
            raise Problem(400, {"non_field_errors": ["Only pending invitations can be edited."]})
        self._check_rights(editor, row)
        role = form.role.uuid if form.role else row.role
        row = self._put(replace(row, email=form.texts.get("email", row.email), role=role))
        self.count("updated")
        return FakeResponse.json(200, {"email": row.email, "role": row.role})

    def _destroy(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del request
        self._forget(self._managed(known(user), uuid))
        return FakeResponse(204)

    def _delete(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del request
        row = self._visible(known(user), uuid)
        if not known(user).is_staff:
            raise forbidden()
        self._forget(row)
        return done("Invitation has been successfully deleted.")

    def _forget(self, row: WaldurInvitation) -> None:
        self._world.invitations.remove(row)
        self._changed()
        self.count("deleted")

    def _accept(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        invitee = known(user)
        row = self._world.invitations.get(hex_of(uuid))
        if row is None or row.state != "pending" or not self._meant_for(row, invitee):
            raise hidden()
        data = drf.read_body(request)
        held = [grant for grant in self._world.grants_of(invitee) if grant.scope == row.scope]
        if any(grant.role == row.role for grant in held):
            raise Problem(400, ["User has already the same role in this scope."])
        # Waldur itself folds the case here, and only here.
        if self.settings.strict_accept and row.email.casefold() != invitee.email.casefold():
            raise Problem(400, ["User’s email and email of the invitation are not equal."])
        if self.settings.disable_multiple_roles and held:
            raise Problem(400, ["User already has role within this scope."])
        scope = self._world.scope_of(row)
        if scope is not None and (refused := self._pattern_refuses(invitee.email, scope)):
            raise Problem(400, [refused])
        if self._era.replace_email and _entry(data, "replace_email"):
            self._world.users.put(replace(invitee, email=row.email))
        if scope is not None:
            self.grant(invitee.username, row.role, scope.uuid)
        self._put(replace(row, state="accepted", accepted_by=invitee.uuid))
        self.count("accepted")
        return done("Invitation has been successfully accepted.")

    def _cancel(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del request
        row = self._managed(known(user), uuid)
        if row.state not in ("pending", "project"):
            raise Problem(400, ["Only pending or planned invitations can be canceled."])
        self._put(replace(row, state="canceled"))
        self.count("canceled")
        return done("Invitation has been successfully canceled.")

    def _send(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del request
        row = self._managed(known(user), uuid)
        if row.state not in ("pending", "expired", "canceled"):
            raise Problem(400, ["Only pending, expired and canceled invitations can be resent."])
        waits = self._era.project_start and self._starts_later(row.scope)
        if waits or row.state != "pending":
            created = self._tick()
            row = replace(row, created=created, expires=self._expires(created, row.scope))
        if waits:
            self._put(replace(row, state="project"))
        else:
            self._schedule(replace(row, state="pending"))
        self.count("resent")
        return done("Invitation sending has been successfully scheduled.")

    def _approve(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del user, uuid
        self._schedule(replace(self._decided(request), state="pending"))
        self.count("approved")
        return done("Invitation has been approved.")

    def _reject(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del user, uuid
        self._put(replace(self._decided(request), state="rejected"))
        self.count("rejected")
        return done("Invitation has been rejected.")

    def _decided(self, request: FakeRequest) -> WaldurInvitation:
        """The requested invitation that the token in a body is about."""
        data = drf.read_body(request)
        if not isinstance(data, dict):
            raise Crash
        token = _entry(cast("object", data), "token")
        if not token:
            raise Problem(400, ["token is required parameter"])
        if not isinstance(token, str):
            raise Crash
        payload = unsign(token, self._secret, self.clock.now(), self.settings.approval_max_age)
        parts = payload.split(".")
        if len(parts) != 2:
            raise Problem(400, ["Invalid payload."])
        staff = self._world.users.get(hex_of(parts[0]))
        if staff is None or not (staff.is_staff and staff.is_active):
            raise Problem(400, ["Invalid user UUID."])
        row = self._world.invitations.get(hex_of(parts[1]))
        if row is None or row.state != "requested":
            raise Problem(400, ["Invalid invitation UUID."])
        return row

    def _check_duplicates(self, request: FakeRequest, user: WaldurUser | None, uuid: str) -> FakeResponse:
        del uuid
        asker = known(user)
        data = drf.read_object(request)
        form = Form()
        form.take_scope(data, self._world, asker)
        items = data.get("invitations")
        if not isinstance(items, list):
            text = f'Expected a list of items but got type "{type(items).__name__}".'
            missing = drf.REQUIRED if "invitations" not in data else drf.NULL if items is None else text
            form.errors["invitations"] = [missing]
        form.refuse()
        scope = form.scope
        if scope is None:
            raise Problem(400, {"scope": ["Can't restore object from url: "]})
        if not self._world.may_manage(asker, scope):
            raise denied(self._era)
        pairs: list[tuple[str, WaldurRole]] = []
        errors: list[dict[str, list[str]]] = []
        for item in cast("list[object]", items):
            entry = Form()
            fields = cast("dict[str, object]", item) if isinstance(item, dict) else {}
            entry.take_texts(fields, ("email",), require_email=True)
            entry.take_role(fields, self._world, required=True)
            errors.append(entry.errors)
            if entry.role is not None and not entry.errors:
                pairs.append((entry.texts["email"], entry.role))
        if any(errors):
            raise Problem(400, {"invitations": errors})
        found = {"duplicates": self._duplicates(pairs, scope), "existing_roles": self._held_roles(pairs, scope)}
        return FakeResponse.json(200, found)

    def _duplicates(self, pairs: list[tuple[str, WaldurRole]], scope: Scope) -> list[dict[str, object]]:
        """The pairs that are invited already, or come twice in the request. Each once."""
        times = Counter((email.lower(), role.uuid) for email, role in pairs)
        found: dict[tuple[str, str], dict[str, object]] = {}
        for email, role in pairs:
            name = (email.lower(), role.uuid)
            twin = self._open_twin(email, role, scope)
            if name not in found and (twin is not None or times[name] > 1):
                uuid = None if twin is None else twin.uuid
                found[name] = {"email": email, "role": role.uuid, "existing_invitation_uuid": uuid}
        return list(found.values())

    def _held_roles(self, pairs: list[tuple[str, WaldurRole]], scope: Scope) -> list[dict[str, object]]:
        """The roles in the scope that users of these emails hold."""
        return [
            {
                "email": email,
                "role": role.uuid,
                "existing_role": held.uuid,
                "existing_role_name": held.name,
                "existing_role_description": held.description or held.name,
                "is_same_role": held.uuid == role.uuid,
            }
            for email, role in pairs
            for user in self._world.users
            if user.email.lower() == email.lower()
            for grant in self._world.grants_of(user)
            if grant.scope == scope.uuid and (held := self._world.roles.get(grant.role)) is not None
        ]

    def _open_twin(self, email: str, role: WaldurRole | None, scope: Scope) -> WaldurInvitation | None:
        """The open invitation for the same email, role and scope."""
        for row in self._world.invitations.to(email):
            if row.scope == scope.uuid and row.state in OPEN_STATES and role is not None and row.role == role.uuid:
                return row
        return None

    def _pattern_refuses(self, email: str, scope: Scope) -> str | None:
        """The message for an email that does not match the patterns of a scope or of its organization."""
        above = self._world.customers.get(scope.customer) if isinstance(scope, WaldurProject) else None
        for place in (scope, above):
            patterns = place.email_patterns if place is not None and self._era.email_patterns else ()
            if patterns and not any(re.fullmatch(pattern, email, re.IGNORECASE) for pattern in patterns):
                name = "project" if isinstance(place, WaldurProject) else "organization"
                return f"Email does not match the membership restrictions of the {name}."
        return None


def known(user: WaldurUser | None) -> WaldurUser:
    """The caller of an endpoint that needs a login."""
    if user is None:
        raise unauthorized(MISSING)
    return user


def _entry(data: object, name: str) -> object:
    """One field of a body that may not be an object."""
    return cast("dict[str, object]", data).get(name) if isinstance(data, dict) else None


def done(text: str) -> FakeResponse:
    """An answer that says what was done."""
    return FakeResponse.json(200, {"detail": text})
