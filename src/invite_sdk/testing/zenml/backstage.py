"""What a test does to a fake ZenML Pro without asking its API, and what it reads there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar, Literal

from invite_clients._times import datetime
from invite_sdk.testing.base.named import Named
from invite_sdk.testing.base.wire import dashed
from invite_sdk.testing.fake import WorldFake
from invite_sdk.testing.zenml.world import ZenMLInvitation, ZenMLOrganization, ZenMLUser, ZenMLWorld


class ZenMLBackstage(WorldFake[ZenMLWorld]):
    """The records of a fake ZenML Pro and everything that changes them."""

    service: ClassVar[str] = "zenml"
    connects_with = ("api_key",)
    _world_type = ZenMLWorld
    invitation_lifetime: timedelta

    def _take(self, world: ZenMLWorld) -> None:
        super()._take(world)
        self._index: dict[str, list[str]] = {}
        """Address in small letters → ids, so that one person's listing does not read those of all."""
        for invitation in world.invitations.values():
            self._file(invitation)

    @property
    def users(self) -> Named[ZenMLUser]:
        """People and service accounts, by name."""
        return Named("user", self._world.users)

    @property
    def organizations(self) -> list[ZenMLOrganization]:
        """Every organization, oldest first."""
        return list(self._world.organizations.values())

    @property
    def invitations(self) -> list[ZenMLInvitation]:
        """Every invitation, answered ones included, oldest first."""
        return list(self._world.invitations.values())

    @property
    def credentials(self) -> Mapping[str, str]:
        """For each user, the `Authorization` header line with the API key."""
        return {name: f"Authorization: Bearer {user.api_key}" for name, user in self._world.users.items()}

    def add_user(self, name: str, email: str | None, *, avatar_url: str | None = None) -> ZenMLUser:
        """Adds a person, or without an email a service account. Both get an API key and client credentials."""
        key, secret = self.new_uuid().hex, self.new_uuid().hex
        id_, client_id = str(self.new_uuid()), str(self.new_uuid())
        user = ZenMLUser(id_, name, email, avatar_url, f"ZENPROKEY_{key}", client_id, secret)
        self._world.users[name] = user
        return user

    def add_organization(
        self, name: str, *, members: tuple[str, ...] = (), logo_url: str | None = None, seats: int | None = None
    ) -> ZenMLOrganization:
        """Adds an organization with members, given by name. With `seats` members, accepting is a 402."""
        ids = tuple(self.users[member].id for member in members)
        organization = ZenMLOrganization(str(self.new_uuid()), name, logo_url, seats, ids)
        self._world.organizations[organization.id] = organization
        return organization

    def limit_seats(self, organization: str, seats: int | None) -> None:
        """Changes the number of members that an organization's plan allows."""
        found = self._world.organization(organization)
        self._world.organizations[found.id] = replace(found, seats=seats)

    def invite(
        self, email: str, *, organization: str = "Acme", by: str = "olivia", expires: datetime | None = None
    ) -> ZenMLInvitation:
        """Invites an address to an organization, given by name."""
        scope, inviter = self._world.organization(organization).id, self.users[by].id
        expires = expires or self.clock.now() + self.invitation_lifetime
        invitation = ZenMLInvitation(str(self.new_uuid()), scope, email, inviter, expires)
        self._world.invitations[invitation.id] = invitation
        self._file(invitation)
        self.count("created")
        self.mail(email, "invitation", f"{self.base_url}/invitations/{invitation.id}", invitation.id)
        return invitation

    def withdraw(self, invitation_id: str) -> ZenMLInvitation:
        """The organization takes an invitation back."""
        invitation = self._known(invitation_id)
        self.count("withdrawn")
        return self._settle(invitation, "withdrawn")

    def complete(self, invitation_id: str) -> ZenMLInvitation:
        """The invitee logs in through a trusted domain, which accepts the invitation without a request.

        Raises:
            KeyError: there is no such invitation.
            ValueError: no user has the invitation's address.
        """
        invitation = self._known(invitation_id)
        wanted = invitation.email.lower()
        user = next((user for user in self._world.users.values() if (user.email or "").lower() == wanted), None)
        if user is None:
            raise ValueError(f"no user has the address {invitation.email}")
        self.count("completed")
        self._join(invitation, user)
        return self._settle(invitation, "accepted")

    def expire_tokens(self) -> None:
        """Every token from `/auth/login` stops working now."""
        self._world.tokens.clear()

    def _known(self, invitation_id: str) -> ZenMLInvitation:
        row = self._world.invitations.get(dashed(invitation_id))
        if row is None:
            raise KeyError(f"no invitation {invitation_id!r}")
        return row

    def _join(self, row: ZenMLInvitation, user: ZenMLUser) -> None:
        organization = self._world.organizations[row.organization]
        self._world.organizations[organization.id] = replace(organization, members=(*organization.members, user.id))

    def _settle(self, row: ZenMLInvitation, state: Literal["accepted", "declined", "withdrawn"]) -> ZenMLInvitation:
        settled = replace(row, state=state)
        self._world.invitations[row.id] = settled
        return settled

    def _file(self, row: ZenMLInvitation) -> None:
        self._index.setdefault(row.email.lower(), []).append(row.id)
