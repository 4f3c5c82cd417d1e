from __future__ import annotations

import pytest

from tests.testing.recorded.replay import EXCEPTIONS, NOT_FAKED, Difference, Replay, read, summary


@pytest.fixture(scope="module")
def found() -> dict[str, list[Difference]]:
    return Replay().run()


def test_only_the_listed_exchanges_differ(found: dict[str, list[Difference]]) -> None:
    assert {name for name, differences in found.items() if differences} == set(EXCEPTIONS)


def test_every_exchange_is_asked(found: dict[str, list[Difference]]) -> None:
    assert len(read()) == 245
    assert len(found) == 245


def test_at_least_95_percent_are_exact(found: dict[str, list[Difference]]) -> None:
    asked = [name for name in found if name not in NOT_FAKED]
    exact = [name for name in asked if not found[name]]

    assert len(asked) == 243
    assert len(exact) == 241


def test_the_exceptions_keep_their_status_and_paging(found: dict[str, list[Difference]]) -> None:
    for name in set(EXCEPTIONS) - set(NOT_FAKED):
        assert {one.what for one in found[name]} <= {"body", "Set-Cookie"}


def test_the_summary_tells_the_count_and_the_reasons(found: dict[str, list[Difference]]) -> None:
    text = summary(found)

    assert text.startswith("241 of 243 exchanges on /api/user-invitations/ are exact (99.2 %).")
    assert "009_roles_list: the roles API is not faked" in text
    assert "NOT EXPECTED" not in text
