"""An id that is a UUID is the same in every form that the service takes: with dashes or without, in any case."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import unquote
from uuid import UUID

import pytest

from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeWaldur, FakeZenML
from tests.testing.asking import ask

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda id_: id_,
    "with dashes": lambda id_: str(UUID(id_)),
    "without": lambda id_: UUID(id_).hex,
    "in capitals": lambda id_: str(UUID(id_)).upper(),
    "in capitals, without": lambda id_: UUID(id_).hex.upper(),
    "in braces": lambda id_: f"{{{UUID(id_)}}}",
    "as a URN": lambda id_: UUID(id_).urn,
}
GARBAGE = ["x", "0" * 31, "0" * 33, "g" * 32, "%20", "null", "0"]

in_any_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


# Enhance


@in_any_form
def test_an_enhance_key_is_checked_and_accepted(form: Callable[[str], str]) -> None:
    fake = FakeEnhance()
    key = form(fake.invite("ana@example.com").id)

    checked = ask(fake, None, "POST", f"/api/invites/{key}/validate")
    body = {"email": "ana@example.com", "password": "correct horse"}
    accepted = ask(fake, None, "POST", f"/api/invites/{key}", body)

    assert json.loads(checked.body)["isValid"] is True
    assert accepted.status == 200
    assert json.loads(ask(fake, None, "POST", f"/api/invites/{key}/validate").body) == {"isValid": False}


@in_any_form
def test_an_enhance_organization_is_invited_into(form: Callable[[str], str]) -> None:
    fake = FakeEnhance()
    body = {"email": "ana@example.com", "name": "Ana", "roles": ["SiteAccess"]}

    assert ask(fake, "master", "POST", f"/api/orgs/{form(fake.org_id('Acme'))}/invites", body).status == 201
    assert fake.invitations[0].org == fake.org_id("Acme")


@in_any_form
def test_an_enhance_key_is_known_backstage_too(form: Callable[[str], str]) -> None:
    fake = FakeEnhance()
    key = form(fake.invite("ana@example.com").id)

    assert fake.link(key) == fake.outbox[0].link
    assert fake.withdraw(key).state == "withdrawn"


@pytest.mark.parametrize("key", GARBAGE)
def test_a_key_that_is_none_is_not_valid(key: str) -> None:
    fake = FakeEnhance()
    fake.invite("ana@example.com")

    assert json.loads(ask(fake, None, "POST", f"/api/invites/{key}/validate").body) == {"isValid": False}
    assert ask(fake, "olivia", "POST", f"/api/invites/{key}").status == 404


@pytest.mark.parametrize("kept", ["key-1", "0123ABCD-0123-0123-0123-0123456789ab"])
def test_a_key_of_a_loaded_panel_is_found_as_it_is_kept(kept: str) -> None:
    fake = FakeEnhance()
    key = fake.invite("ana@example.com").id
    fake.load(json.loads(json.dumps(fake.dump()).replace(key, kept)))

    assert json.loads(ask(fake, None, "POST", f"/api/invites/{kept}/validate").body)["isValid"] is True


# CloudTruth


@in_any_form
@pytest.mark.parametrize(
    ("method", "rest", "status"), [("GET", "", 200), ("PATCH", "", 200), ("DELETE", "", 204), ("POST", "resend/", 200)]
)
def test_a_cloudtruth_invitation_is_found(form: Callable[[str], str], method: str, rest: str, status: int) -> None:
    fake = FakeCloudTruth()
    id_ = form(fake.invite("ana@example.com").id)

    assert ask(fake, "owner", method, f"/api/v1/invitations/{id_}/{rest}", {}).status == status


@in_any_form
def test_a_cloudtruth_invitation_is_accepted_and_known_backstage(form: Callable[[str], str]) -> None:
    fake = FakeCloudTruth()
    id_ = form(fake.invite("nina@example.com").id)

    assert fake.deliver(id_) == 1
    assert fake.bounce(id_).state == "bounced"
    assert ask(fake, "nina", "POST", f"/api/v1/invitations/{id_}/accept/").status == 200


@pytest.mark.parametrize("id_", GARBAGE)
def test_garbage_is_no_cloudtruth_invitation(id_: str) -> None:
    assert ask(FakeCloudTruth(), "owner", "GET", f"/api/v1/invitations/{id_}/").status == 404


# ZenML Pro


@in_any_form
def test_a_zenml_invitation_is_found(form: Callable[[str], str]) -> None:
    fake = FakeZenML()
    one, other = fake.invitations[:2]

    answer = ask(fake, "ana", "GET", f"/invitations/{form(one.id)}")
    assert json.loads(answer.body)["id"] == one.id
    assert ask(fake, "ana", "POST", f"/invitations/{form(one.id)}?accept=true").status == 200
    assert fake.withdraw(form(other.id)).state == "withdrawn"


# Python, and so Django, takes these for UUIDs. FastAPI does not.
STRICT = ["12345678-1234-1234-1234-1234567890ab-", "1234-5678123412341234-1234567890ab", f"urn:uuid:{'0' * 32}"]


@pytest.mark.parametrize("id_", [*GARBAGE, *STRICT])
def test_what_is_no_uuid_is_a_422_on_zenml(id_: str) -> None:
    assert ask(FakeZenML(), "ana", "GET", f"/invitations/{id_}").status == 422


# Waldur


@in_any_form
def test_a_waldur_invitation_is_found_changed_and_accepted(form: Callable[[str], str]) -> None:
    fake = FakeWaldur()
    uuid = form(fake.invite("invitee@example.com").uuid)
    path = f"/api/user-invitations/{uuid}/"
    role = {"role": form(fake.roles["PROJECT.ADMIN"].uuid)}

    assert json.loads(ask(fake, "owner", "GET", path).body)["uuid"] == fake.invitations[0].uuid
    assert ask(fake, None, "POST", f"{path}check/").status == 200
    assert ask(fake, "invitee", "GET", f"{path}details/").status == 200
    assert ask(fake, "owner", "PATCH", path, role).status == 200
    assert ask(fake, "owner", "POST", f"{path}send/").status == 200
    assert ask(fake, "invitee", "POST", f"{path}accept/").status == 200
    assert ask(fake, "owner", "DELETE", path).status == 204


@in_any_form
def test_waldur_reads_uuids_in_queries_bodies_and_scope_urls(form: Callable[[str], str]) -> None:
    fake = FakeWaldur()
    role, customer = form(fake.roles["PROJECT.MEMBER"].uuid), form(fake.customers["acme"].uuid)
    scope = f"{fake.base_url}/api/projects/{form(fake.projects['apollo'].uuid)}/"
    body = {"email": "ana@example.com", "role": role, "scope": scope}
    pairs = {"scope": scope, "invitations": [{"email": "ana@example.com", "role": role}]}

    assert ask(fake, "owner", "POST", "/api/user-invitations/", body).status == 201
    found = ask(fake, "owner", "POST", "/api/user-invitations/check-duplicates/", pairs)
    assert len(json.loads(found.body)["duplicates"]) == 1
    for query in (f"role_uuid={role}", f"customer_uuid={customer}", f"scope={scope}"):
        assert len(json.loads(ask(fake, "owner", "GET", f"/api/user-invitations/?{query}").body)) == 1


@pytest.mark.parametrize("uuid", GARBAGE)
def test_garbage_is_no_waldur_invitation_and_no_filter(uuid: str) -> None:
    fake = FakeWaldur()

    assert ask(fake, "staff", "GET", f"/api/user-invitations/{uuid}/").status == 404
    assert ask(fake, None, "POST", f"/api/user-invitations/{uuid}/check/").status == 404
    # White space alone is no filter.
    status = 400 if unquote(uuid).strip() else 200
    assert ask(fake, "staff", "GET", f"/api/user-invitations/?role_uuid={uuid}").status == status
