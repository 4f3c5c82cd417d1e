"""What a report shows, writes and raises."""

from __future__ import annotations

import pytest

from invite_sdk import ConnectError
from invite_sdk.roster.plan import PlannedRow
from invite_sdk.roster.report import Report, RowOutcome
from invite_sdk.roster.rows import Row


def outcome(line: int, email: str, reason: str = "no", **more: object) -> RowOutcome:
    row = Row(email, "VIEWER", client="cloudtruth", line=line)
    return RowOutcome(PlannedRow(row, "create", "not invited yet"), "left", reason, **more)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def raised(report: Report) -> tuple[Exception, ...]:
    with pytest.raises(ExceptionGroup) as caught:
        report.raise_for_failures()
    return caught.value.exceptions


def test_a_failure_of_many_rows_is_raised_for_each_with_its_own_note_and_as_often_as_asked() -> None:
    shared = ConnectError("refused")
    shared.__cause__ = cause = OSError("no route")
    report = Report(tuple(outcome(line, f"p{line}@example.org", error=shared) for line in (1, 2, 3)))
    expected = [[f"line {line}: p{line}@example.org (cloudtruth), to create"] for line in (1, 2, 3)]

    for _ in range(2):
        errors = raised(report)
        assert [error.__notes__ for error in errors] == expected
        assert {type(error) for error in errors} == {ConnectError}
        assert [error.__cause__ for error in errors] == [cause] * 3
    assert not hasattr(shared, "__notes__")
