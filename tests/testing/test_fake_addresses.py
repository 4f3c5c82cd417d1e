"""The fakes compare addresses as the SDK does: without regard to case, but not by case folding."""

from __future__ import annotations

import pytest

from invite_sdk import AlreadyInvitedError, InviteClient
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML

ONE, OTHER = "ana@straße.example", "ana@strasse.example"
AGAIN = "Ana@Straße.Example"


def test_waldur_invites_both_people_and_neither_twice() -> None:
    fake = FakeWaldur(version="2026")
    role, scope = fake.roles["PROJECT.MEMBER"].uuid, fake.scope_url("apollo")
    fake.invite(ONE, role="PROJECT.MEMBER", scope="apollo")

    with InviteClient(fake.connection("owner"), transport=fake.transport()) as client:
        assert client.create(OTHER, role=role, scope=scope).email == OTHER
        with pytest.raises(AlreadyInvitedError):
            client.create(AGAIN, role=role, scope=scope)


def test_cloudtruth_invites_both_people_and_neither_twice() -> None:
    fake = FakeCloudTruth()
    fake.invite(ONE)

    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        assert client.create(OTHER, role="VIEWER").email == OTHER
        with pytest.raises(AlreadyInvitedError):
            client.create(AGAIN, role="VIEWER")


@pytest.mark.parametrize(("email", "received"), [(OTHER, 0), (AGAIN, 1)])
def test_zenml_shows_people_their_own_invitations(email: str, received: int) -> None:
    fake = FakeZenML()
    fake.add_user("nina", email)
    fake.invite(ONE)

    with InviteClient(fake.connection("nina"), transport=fake.transport()) as client:
        assert client.count() == received


@pytest.mark.parametrize(("email", "logins"), [(OTHER, 2), (AGAIN, 1)])
def test_enhance_gives_each_person_a_login(email: str, logins: int) -> None:
    fake = FakeEnhance()
    before = len(fake.logins)

    fake.invite(ONE)
    fake.invite(email)

    assert len(fake.logins) - before == logins
