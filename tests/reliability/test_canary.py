"""One secret of each kind, and servers that repeat it in every place of an answer: it is found nowhere."""

from __future__ import annotations

import pickle
from inspect import signature

import pytest

from invite_sdk import NO_RETRIES, InviteClient, InviteError
from invite_sdk._model.installed import BUILT_IN
from invite_sdk.services.capabilities import OPERATIONS
from invite_sdk.services.registry import capabilities, connection_class
from tests.reliability.canary import TRUST, listen
from tests.reliability.echoes import ECHOES
from tests.reliability.leaks import said_by
from tests.reliability.subjects import Subject, calls, subjects
from tests.support.wire import response, serve

SUBJECTS = [pytest.param(subject, id=subject.kind) for subject in subjects()]
URL = "https://canary.example"


@pytest.mark.parametrize("service", BUILT_IN)
def test_every_operation_and_every_credential_is_tried(service: str) -> None:
    called = {one.operation for one in calls(service, URL)} - {"native"}
    kinds = {subject.kind for subject in subjects() if subject.service == service}
    settings = signature(connection_class(service)).parameters.items()

    assert called == {name for name in OPERATIONS if capabilities(service).supports(name)}
    assert kinds == {f"{service} {name}" for name, setting in settings if "Secret" in str(setting.annotation)}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_secret_shows_whatever_a_server_repeats(subject: Subject) -> None:
    for echo in ECHOES:
        tally = listen(subject, echo, "sync")
        assert (tally.leaks, tally.escaped) == ([], []), echo
        assert tally.searched > 5 * tally.calls > 0


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_secret_shows_asynchronously_either(subject: Subject) -> None:
    for echo in list(ECHOES)[::4]:
        tally = listen(subject, echo, "asyncio")
        assert (tally.leaks, tally.escaped) == ([], []), echo


@pytest.mark.parametrize("subject", [param for param in SUBJECTS if "zenml" in str(param.id)])
def test_no_secret_of_a_login_shows_whatever_a_server_repeats(subject: Subject) -> None:
    for echo in ECHOES:
        tally = listen(subject, echo, "sync", lets_in=False)
        assert (tally.leaks, tally.escaped) == ([], []), echo


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_connection_shows_no_secret_and_does_not_pickle(subject: Subject) -> None:
    connection = subject.connect(URL)
    shown = f"{connection!r} {connection} {connection.auth!r} {connection.auth}"

    assert not [form for secret in subject.secrets for form in secret.forms if form in shown]
    with pytest.raises(TypeError, match="worker") as caught:
        pickle.dumps(connection)
    assert not [form for secret in subject.secrets for form in secret.forms if form in str(caught.value)]


def test_the_canary_is_found_where_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search itself finds a leak: here in an error that nobody scrubbed."""
    from invite_sdk._clients import facade as _facade
    from invite_sdk._flows import outcomes

    monkeypatch.setattr(_facade, "scrub", lambda error, sent: None)
    monkeypatch.setattr(outcomes, "cleaned", lambda response, sent: response)

    found = {leak.partition(": ")[2] for leak in listen(next(subjects()), "one sentence", "sync").leaks}

    assert {"token in str of ValidationError", "token in pickle of ValidationError"} <= found


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("kept", [200, 300, 1_000, 4_096, 16_384])
def test_half_a_secret_does_not_show_either_where_an_error_cuts_an_answer_short(status: int, kept: int) -> None:
    subject = next(subjects())
    secret = subject.secrets[0].value
    said = ("x" * (kept - len(secret) // 2) + secret * 2).encode()
    with serve(response(status, said, Content_Type="text/plain")) as server:
        client = InviteClient(subject.connect(server.url), verify=TRUST, retry=NO_RETRIES)
        with client, pytest.raises(InviteError) as caught:
            client.get("0" * 32)

    shown = " ".join(text for _, text in said_by(caught.value))
    assert "xxxx" in shown or status != 200
    assert secret[:14] not in shown
