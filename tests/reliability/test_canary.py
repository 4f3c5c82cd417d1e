"""One secret of each kind, and servers that repeat it in every place of an answer: it is found nowhere."""

from __future__ import annotations

import pickle

import pytest

from tests.reliability.canary import listen
from tests.reliability.echoes import ECHOES
from tests.reliability.subjects import Subject, subjects

SUBJECTS = [pytest.param(subject, id=subject.kind) for subject in subjects()]
URL = "https://canary.example"


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
    from invite_sdk import _exchange, _facade

    monkeypatch.setattr(_facade, "scrub", lambda error, sent: None)
    monkeypatch.setattr(_exchange, "cleaned", lambda response, sent: response)

    found = {leak.partition(": ")[2] for leak in listen(next(subjects()), "one sentence", "sync").leaks}

    assert {"token in str of ValidationError", "token in pickle of ValidationError"} <= found
