"""What docs/overview.md says one can rely on, each sentence once. The details are tested where they belong."""

from __future__ import annotations

import logging
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from invite_sdk import (
    NO_RETRIES,
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    Enhance,
    InvalidArgumentError,
    InviteClient,
    NotFoundError,
    OutcomeUnknownError,
    RedirectError,
    RetryPolicy,
    Scope,
    ServerError,
    Waldur,
)
from invite_sdk._model.installed import BUILT_IN
from invite_sdk.services.registry import adapter_class
from invite_sdk.testing import FakeCloudTruth, FakeEnhance, FakeTransport, FakeWaldur, Fault
from tests.docs import ROOT

Handler = Callable[[httpx.Request], httpx.Response]


def client_over(fake: FakeWaldur, instead: Handler | None = None) -> InviteClient:
    """A client of a fake; where `instead` is given, the fake's answers are lost and `instead` answers, or raises."""
    inner = FakeTransport(fake)

    class Transport(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = inner.handle_request(request)
            return answer if instead is None else instead(request)

    return InviteClient(fake.connection("owner"), transport=Transport())


def membership(fake: FakeWaldur) -> dict[str, Any]:
    """What is offered: to be a member of a project."""
    return {"role": fake.roles["PROJECT.MEMBER"].uuid, "scope": fake.scope_url("apollo")}


@pytest.mark.parametrize("fault", [Fault.drop_reply(), Fault.status(502, after_effect=True)], ids=str)
def test_a_lost_answer_to_a_write_is_looked_up(fault: Fault) -> None:
    fake = FakeWaldur()
    fake.faults.plan(fault, on="user_invitations_create")

    with client_over(fake) as client:
        made = client.create("ana@example.com", **membership(fake))

    assert made.id == fake.invitations[0].uuid
    assert fake.effects["created"] == fake.effects["mailed"] == 1


@pytest.mark.parametrize("fault", [Fault.drop_request(), Fault.status(502)], ids=str)
def test_where_the_state_does_not_tell_the_outcome_is_unknown(fault: Fault) -> None:
    fake = FakeWaldur()
    fake.faults.plan(fault, on="user_invitations_create")

    with client_over(fake) as client, pytest.raises(OutcomeUnknownError):
        client.create("ana@example.com", **membership(fake))

    assert [each.operation for each in fake.requests].count("user_invitations_create") <= 1
    assert fake.effects["created"] == 0


AT_ONCE = RetryPolicy(base=0)


def test_reads_are_tried_four_times_and_once_where_retries_are_off() -> None:
    fake = FakeWaldur()
    fake.faults.plan(Fault.status(503), times=None)
    with client_over(fake).with_options(retry=AT_ONCE) as client:
        for policy, attempts in ((AT_ONCE, 4), (NO_RETRIES, 1)):
            with pytest.raises(ServerError) as caught:
                client.list(retry=policy).all()
            assert caught.value.attempts == attempts


def test_a_write_that_changes_nothing_more_is_tried_again() -> None:
    fake = FakeWaldur()
    row = fake.invite("ana@example.com")
    fake.faults.plan(Fault.status(503), on="user_invitations_cancel")
    with client_over(fake) as client:
        assert client.cancel(row.uuid, retry=AT_ONCE).status == "canceled"


@pytest.mark.parametrize("fault", [Fault.refuse_connection(), Fault.status(429), Fault.status(425)], ids=str)
def test_any_write_is_tried_again_where_the_service_did_nothing(fault: Fault) -> None:
    fake = FakeWaldur()
    fake.faults.plan(fault, on="user_invitations_create")
    with client_over(fake) as client:
        assert client.create("ana@example.com", **membership(fake), retry=AT_ONCE).is_open
    assert fake.effects["created"] == 1


def test_ensure_invites_nobody_again_who_has_accepted() -> None:
    fake = FakeWaldur()
    with client_over(fake) as client:
        made = client.ensure("ana@example.com", **membership(fake)).invitation
        fake.set_state(str(made.id), "accepted")

        assert not client.ensure("ana@example.com", **membership(fake)).created


def test_ensure_calls_for_one_address_take_turns() -> None:
    fake = FakeWaldur(version="7.0.7")

    def ensure(_: int) -> bool:
        with client_over(fake) as client:
            return client.ensure("ana@example.com", **membership(fake)).created

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(ensure, range(4))) == [False, False, False, True]


def test_a_name_means_one_thing_or_nobody_is_invited() -> None:
    fake = FakeWaldur()
    fake.rename("beta", "Apollo")
    with client_over(fake) as client:
        for name in ("Apollo", "Artemis"):
            with pytest.raises(InvalidArgumentError, match=name):
                client.create("ana@example.com", role="PROJECT.MEMBER", scope=Scope("project", name))
    assert fake.effects["created"] == 0


def test_what_is_made_for_a_name_that_was_given_away_is_canceled() -> None:
    fake = FakeWaldur()
    scope = Scope("project", "Apollo")
    with client_over(fake) as client:
        client.create("ana@example.com", role="PROJECT.MEMBER", scope=scope)
        fake.rename("apollo", "Artemis")
        with pytest.raises(ConflictError, match="'Apollo' is called 'Artemis' now"):
            client.create("ben@example.com", role="PROJECT.MEMBER", scope=scope)
    assert [row.state for row in fake.invitations] == ["pending", "canceled"]


def test_a_filter_that_the_server_ignores_is_applied_all_the_same() -> None:
    fake = FakeWaldur()
    fake.invite("ana@example.com")
    fake.invite("not-ana@example.com")
    # The service's own filter means "contains".
    with client_over(fake) as client:
        assert [each.email for each in client.list(email="ana@example.com")] == ["ana@example.com"]


@pytest.mark.parametrize("wrong", ["", ".", "..", "../x", "a/b"])
def test_an_id_is_checked_before_it_reaches_a_url(wrong: str) -> None:
    fake = FakeEnhance()
    with InviteClient(fake.connection(), transport=fake.transport()) as client, pytest.raises(InvalidArgumentError):
        client.check(wrong)
    assert fake.requests == []


def test_credentials_show_in_no_repr_error_or_pickle() -> None:
    fake = FakeWaldur()
    connection = Waldur("https://waldur.example", token="very-secret-token")
    with InviteClient(connection, transport=fake.transport()) as client:
        with pytest.raises(AuthenticationError) as caught:
            client.get("0" * 32)
        for shown in (repr(connection), repr(client), str(caught.value), repr(vars(caught.value))):
            assert "very-secret-token" not in shown
        for holder in (connection, client):
            with pytest.raises(TypeError):
                pickle.dumps(holder)


def test_credentials_do_not_go_to_public_endpoints() -> None:
    fake = FakeWaldur()
    row = fake.invite("ana@example.com")
    with client_over(fake) as client:
        assert client.check(row.uuid).valid
    assert fake.requests[-1].request.header("Authorization") is None


def test_redirects_are_not_followed() -> None:
    asked: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(302, headers={"Location": "https://elsewhere.example/"})

    with client_over(FakeWaldur(), redirect) as client, pytest.raises(RedirectError):
        client.get("0" * 32)
    assert asked == ["waldur.example"]


def test_the_log_lines_of_httpx_about_our_requests_are_kept_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fake = FakeEnhance()
    row = fake.invite("ana@example.com")
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        client.check(row.id)
    assert row.id not in caplog.text


def test_invite_keys_are_masked_where_shown_and_whole_where_handed_over() -> None:
    fake = FakeEnhance()
    with InviteClient(fake.connection("acme"), transport=fake.transport()) as client:
        invitation = client.create("ana@example.com", role="SiteAccess", name="Ana Lima")
    key = fake.invitations[0].id
    assert key not in repr(invitation) + str(invitation) + invitation._repr_html_()
    assert key not in str(invitation.to_dict(mask=True)) + invitation.model_dump_json(mask=True, exclude={"native"})
    assert invitation.id == invitation.to_dict()["id"] == invitation.model_dump()["id"] == key
    assert key in invitation.model_dump_json()


def test_plain_http_to_another_machine_is_refused_unless_asked_for() -> None:
    with pytest.raises(ConfigurationError, match="allow_http"):
        Enhance("http://panel.example.org", token="token")
    Enhance("http://panel.example.org", token="token", allow_http=True)
    Enhance("http://127.0.0.1:8080", token="token")


def test_waiting_ends_by_default() -> None:
    limits: list[dict[str, float]] = []

    def note(request: httpx.Request) -> httpx.Response:
        limits.append(request.extensions["timeout"])
        return httpx.Response(404, json={"detail": "Not found."})

    with client_over(FakeWaldur(), note) as client, pytest.raises(NotFoundError):
        client.get("0" * 32)
    assert limits == [{"connect": 10.0, "read": 20.0, "write": 20.0, "pool": 20.0}]


def test_one_row_that_cannot_be_read_does_not_lose_a_listing() -> None:
    fake = FakeCloudTruth()
    fake.invite("ana@example.com")
    fake.invite("ben@example.com")
    inner = fake.transport()

    class Spoiling(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = inner.handle_request(request)
            body = answer.read().replace(b'"ben@example.com"', b"[]")
            return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})

    with InviteClient(fake.connection(), transport=Spoiling()) as client:
        pager = client.list()
        assert [each.email for each in pager] == ["ana@example.com"]
        assert len(pager.problems) == 1


def test_there_is_a_test_for_every_promise() -> None:
    """The number of promises on the page, so that whoever adds one comes here."""
    text = (ROOT / "docs" / "overview.md").read_text(encoding="utf-8")
    promises = text.split("## What you can rely on")[1].split("\n## ")[0]
    assert len(re.findall(r"^- ", promises, re.MULTILINE)) == 11


OPERATION_OF = {
    "user_invitations_accept": "accept",
    "user_invitations_cancel": "cancel",
    "user_invitations_partial_update": "update",
    "user_invitations_send": "resend",
    "user_invitations_update": "update",
    "create_invite": "create",
}


@pytest.mark.parametrize(("column", "error"), [(3, "AlreadyMemberError"), (4, "InvalidStateError")])
@pytest.mark.parametrize("service", BUILT_IN)
def test_the_table_of_errors_says_what_the_rules_of_each_service_say(service: str, column: int, error: str) -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    heading, _, *rows = page[page.index("| service |") :].partition("\n\n")[0].splitlines()
    row = next(line for line in rows if line.lower().startswith(f"| {service}"))
    adapter = adapter_class(service)
    assert adapter is not None
    rules = [rule for rule in adapter.error_rules if rule.error.__name__ == error]
    expected = {OPERATION_OF[operation] for rule in rules for operation in rule.operations or ()}
    if (service, error) == ("cloudtruth", "InvalidStateError"):
        expected = {"update", "cancel", "resend"}  # it reads the record, and says so itself

    assert heading.split("|")[column].strip() == f"`{error}`"
    cell = row.split("|")[column].strip()
    assert (cell == "–") is not bool(expected)
    assert set(re.findall("`([a-z]+)`", cell)) == expected
