"""Schedules by name, and that they would notice what they look for."""

from __future__ import annotations

import pytest

from invite_sdk.services.names import Resolver
from tests.reliability import naming

SCHEDULES = 120


def test_whatever_is_renamed_meanwhile_nobody_is_invited_to_something_else_or_twice() -> None:
    figures = naming.run(range(SCHEDULES))

    assert figures.wrong == []
    # The schedules do what they are for.
    assert figures.made > SCHEDULES
    assert figures.found > 0
    assert figures.withdrawn > SCHEDULES / 4
    assert figures.unknown > SCHEDULES / 10
    assert figures.waits > SCHEDULES


def test_the_schedules_notice_a_client_that_does_not_look_after_the_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Resolver, "otherwise", lambda self, found: "")

    assert any(" made one for " in words for words in naming.run(range(60)).wrong)
