"""What a test does to a fake CloudTruth without asking its API, and what it reads there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from invite_sdk.testing.base.named import Named
from invite_sdk.testing.base.wire import dashed
from invite_sdk.testing.cloudtruth.world import (
    CloudTruthAccount,
    CloudTruthInvitation,
    CloudTruthMembership,
    CloudTruthOrganization,
    CloudTruthWorld,
    InvitationIndex,
    Role,
)
from invite_sdk.testing.fake import WorldFake


class CloudTruthBackstage(WorldFake[CloudTruthWorld]):
    """The records of a fake CloudTruth and everything that changes them."""

    service: ClassVar[str] = "cloudtruth"
    connects_with = ("api_key", "jwt")
    _world_type = CloudTruthWorld

    def _take(self, world: CloudTruthWorld) -> None:
        super()._take(world)
        self._index = InvitationIndex()
        for invitation in world.invitations.values():
            self._index.add(invitation)

    @property
    def users(self) -> Named[CloudTruthAccount]:
        """Every account, by name."""
        return Named("user", self._world.accounts)

    @property
    def organizations(self) -> list[CloudTruthOrganization]:
        """Every organization, oldest first."""
        return list(self._world.organizations.values())

    @property
    def memberships(self) -> list[CloudTruthMembership]:
        """Who is in which organization, oldest first."""
        return list(self._world.memberships.values())

    @property
    def invitations(self) -> list[CloudTruthInvitation]:
        """Every invitation that was not deleted, oldest first."""
        return list(self._world.invitations.values())

    @property
    def credentials(self) -> Mapping[str, str]:
        """For each account, its `Authorization` header line."""
        return {name: f"Authorization: {account.authorization}" for name, account in self._world.accounts.items()}

    def add_organization(self, name: str) -> CloudTruthOrganization:
        """Adds an organization without accounts."""
        organization = CloudTruthOrganization(str(self.new_uuid()), name)
        self._world.organizations[organization.id] = organization
        return organization

    def add_service_account(self, name: str, *, organization: str, role: Role) -> CloudTruthAccount:
        """Adds a service account with an API key to an organization, given by name."""
        scope = self._world.organization(organization)
        account = CloudTruthAccount(str(self.new_uuid()), name, None, api_key=self.new_uuid().hex)
        self._world.accounts[name] = account
        self._world.secrets[f"Api-Key {account.api_key}"] = (name, scope)
        self._join(account.id, scope, role)
        return account

    def add_user(
        self, name: str, email: str, *, organization: str | None = None, role: Role = "VIEWER"
    ) -> CloudTruthAccount:
        """Adds a login, in an organization given by name or in none, and mints a JWT for it."""
        scope = None if organization is None else self._world.organization(organization)
        id_ = f"auth0|{self.new_uuid().hex[:24]}"
        self._world.accounts[name] = CloudTruthAccount(id_, name, email)
        if scope is not None:
            self._join(id_, scope, role)
        return self.mint_jwt(name, organization)

    def mint_jwt(self, name: str, organization: str | None = None) -> CloudTruthAccount:
        """Logs a person in anew, for an organization given by name or for none. Earlier JWTs stay valid."""
        person = self.users[name]
        scope = None if organization is None else self._world.organization(organization)
        jwt = f"eyJhbGciOiJIUzI1NiJ9.{self.new_uuid().hex}.{self.new_uuid().hex}"
        account = replace(person, jwt=jwt)
        self._world.accounts[name] = account
        self._world.secrets[f"Bearer {jwt}"] = (name, scope)
        return account

    def invite(self, email: str, *, role: Role = "VIEWER", by: str = "owner") -> CloudTruthInvitation:
        """Invites as an account would, without asking whether it may."""
        account = self.users[by]
        scopes = [member.organization for member in self._world.memberships.values() if member.account == account.id]
        if not scopes:
            raise ValueError(f"{by} belongs to no organization and can invite into none")
        scope = scopes[0]
        return self._add(scope, email, role, account)

    def deliver(self, invitation_id: str | None = None) -> int:
        """Sends what is queued, or one invitation of it: pending ones become sent. Returns how many did."""
        chosen = self.invitations if invitation_id is None else [self._known(invitation_id)]
        waiting = [row for row in chosen if row.state == "pending"]
        for row in waiting:
            self._change(row, replace(row, state="sent", state_detail=""))
        return len(waiting)

    def bounce(self, invitation_id: str, reason: str = "550 5.1.1 mailbox unavailable") -> CloudTruthInvitation:
        """The invitation's mail comes back: it becomes bounced, with the reason in `state_detail`."""
        row = self._known(invitation_id)
        return self._change(row, replace(row, state="bounced", state_detail=reason))

    def _known(self, invitation_id: str) -> CloudTruthInvitation:
        row = self._world.invitations.get(dashed(invitation_id))
        if row is None:
            raise KeyError(f"no invitation {invitation_id!r}")
        return row

    def _add(self, scope: str, email: str, role: Role, account: CloudTruthAccount) -> CloudTruthInvitation:
        row = CloudTruthInvitation(str(self.new_uuid()), scope, email, role, account.id)
        self._world.invitations[row.id] = row
        self._index.add(row)
        self.count("created")
        self._mail(row)
        return row

    def _remove(self, row: CloudTruthInvitation) -> None:
        del self._world.invitations[row.id]
        self._index.remove(row)
        self.count("deleted")

    def _change(self, old: CloudTruthInvitation, new: CloudTruthInvitation) -> CloudTruthInvitation:
        self._world.invitations[new.id] = new
        self._index.move(old, new)
        return new

    def _join(self, account: str, scope: str, role: Role) -> CloudTruthMembership:
        membership = CloudTruthMembership(str(self.new_uuid()), account, scope, role)
        self._world.memberships[membership.id] = membership
        return membership

    def _mail(self, row: CloudTruthInvitation) -> None:
        self.mail(row.email, "invitation", f"{self.base_url}/invitations/{row.id}", row.id)
