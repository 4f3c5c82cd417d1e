"""Hostile ids, links, tokens, URLs, pages, redirects, headers and cookies, against servers that record every byte."""

from __future__ import annotations

from typing import Any

import pytest

from invite_sdk import ConfigurationError, Enhance, InviteClient, Scope, Waldur
from invite_sdk._model.installed import BUILT_IN
from tests.reliability import attacks
from tests.reliability.hostile import SUBJECTS, Tally
from tests.reliability.skirmishes import SKIRMISHES, WAYS

SERVICES = tuple(SUBJECTS)


def test_every_service_is_attacked() -> None:
    assert set(SERVICES) == set(BUILT_IN)


def harmless(tally: Tally) -> bool:
    assert not tally.wrong, "\n".join([f"{len(tally.wrong)} of {tally.attacks}:", *tally.wrong[:20]])
    return tally.attacks > 0 and tally.refused + tally.contained == tally.attacks


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", SKIRMISHES)
def test_an_attack_is_refused_or_stays_in_its_endpoint(name: str, service: str, way: str) -> None:
    tally = SKIRMISHES[name](service, way)

    assert tally is None or harmless(tally)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("url", attacks.BASE_URLS, ids=repr)
def test_a_hostile_url_is_refused_before_there_is_a_connection(service: str, url: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SUBJECTS[service].make(url, "key")
    assert "word" not in str(caught.value).replace("password", "")


@pytest.mark.parametrize("url", attacks.SLOPPY_URLS, ids=repr)
def test_what_is_pasted_around_a_url_changes_nothing(url: str) -> None:
    assert Waldur(url, token="key").base_url == "https://host.example"


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("value", attacks.CREDENTIALS, ids=repr)
def test_a_credential_that_no_header_can_carry_is_refused(service: str, value: Any) -> None:
    with pytest.raises(ConfigurationError):
        SUBJECTS[service].make("https://host.example", value)


@pytest.mark.parametrize(
    "organization", [one for one in attacks.IDS if one is not None], ids=lambda one: repr(one)[:40]
)
def test_a_hostile_organization_of_a_connection_is_refused(organization: Any) -> None:
    with pytest.raises(ConfigurationError):
        Enhance("https://host.example", token="key", organization=organization)


@pytest.mark.parametrize(("name", "value"), attacks.HEADERS, ids=repr)
def test_a_header_that_is_not_the_callers_is_refused_to_a_client(name: Any, value: Any) -> None:
    with pytest.raises(ConfigurationError):
        InviteClient(Waldur("https://host.example", token="key"), headers={name: value})


@pytest.mark.parametrize("kind", ["../users", "project/../users", "users", "", None])
def test_a_hostile_kind_of_scope_is_refused(kind: Any) -> None:
    client = InviteClient(Waldur("https://host.example", token="key"))
    with pytest.raises(ValueError, match=r".+"):
        client.create("ann@example.org", role="0" * 32, scope=Scope(kind, "0" * 32))
    client.close()
