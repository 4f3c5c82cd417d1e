"""What a report shows, writes and raises."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from invite_sdk import ConnectError
from invite_sdk.roster.plan import Plan, PlannedRow
from invite_sdk.roster.policy import Policy
from invite_sdk.roster.report import Report, RowOutcome
from invite_sdk.roster.rows import Row, RowProblem, refused

NASTY = "a\x1b[2J\n\u202eb\u200b" + "x" * 100_000
SHOWN = r"a\x1b[2J\n\u202eb\u200bxxx"
KEY = "0b5a3d2e-1c4f-4a6b-9d8e-7f6a5b4c3d2e"


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


def as_csv(report: Report, folder: Path) -> list[dict[str, str]]:
    report.to_csv(folder / "report.csv")
    with (folder / "report.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_a_service_said_is_written_out_where_it_is_shown(tmp_path: Path) -> None:
    """Neither a terminal's cursor nor the direction of a line is a service's to change."""
    bad = outcome(1, NASTY, NASTY)
    report = Report((bad,), stopped=NASTY)
    plan = Plan(
        (bad.planned, PlannedRow(bad.planned.row, "cannot", NASTY)), {}, Policy(), datetime(2026, 1, 5, tzinfo=UTC)
    )
    (cells,) = as_csv(report, tmp_path)
    (error,) = raised(report)
    texts = [str(report), str(plan), cells["email"], cells["reason"], str(error), error.__notes__[0]]
    texts += [str(refused([RowProblem(3, NASTY, NASTY)])), str(RowProblem(3, None, NASTY))]

    for text in texts:
        assert SHOWN in text
        assert len(text) < 11_000
        assert all(char.isprintable() or char == "\n" for char in text)
    assert len(str(report).splitlines()) == 2
    assert len(str(plan).splitlines()) == 3
    for html in (report._repr_html_(), plan._repr_html_()):
        assert len(html) < 40_000
        assert html.isprintable()


@pytest.mark.parametrize(
    ("address", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("\n=1+1", r"'\n=1+1"),
        (" \t =1+1", r"' \t =1+1"),
        ("\u00a0@SUM(A1)", r"'\xa0@SUM(A1)"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\u200b=1+1", r"\u200b=1+1"),
        ("-1", "'-1"),
        ("zo\u00eb@example.org", "zo\u00eb@example.org"),
    ],
)
def test_no_cell_is_a_formula(address: str, cell: str, tmp_path: Path) -> None:
    assert as_csv(Report((outcome(1, address),)), tmp_path)[0]["email"] == cell


@pytest.mark.parametrize(
    ("identity", "shown"),
    [("enhance https://a.example", "...3d2e"), ("", "...3d2e"), ("waldur https://a.example", KEY)],
)
def test_invite_keys_are_masked_where_that_is_asked(identity: str, shown: str, tmp_path: Path) -> None:
    report = Report((outcome(1, "ann@example.org", id=KEY),), clients={"cloudtruth": identity} if identity else {})
    path = tmp_path / "report"

    for mask, expected in ((False, KEY), (True, shown)):
        assert report.to_dicts(mask=mask)[0]["id"] == expected
        assert report.to_pandas(mask=mask)["id"].tolist() == [expected]
        for write in (report.to_csv, report.to_json_lines):
            write(path, mask=mask)
            text = path.read_text(encoding="utf-8")
            assert expected in text
            assert (KEY in text) == (expected == KEY)


def test_a_row_without_an_id_has_none_masked() -> None:
    assert Report((outcome(1, "ann@example.org"),)).to_dicts(mask=True)[0]["id"] is None


@pytest.mark.skipif(os.name != "posix", reason="this system has no such modes")
@pytest.mark.parametrize("write", [Report.to_csv, Report.to_json_lines])
def test_only_its_owner_may_read_a_file(write: Callable[[Report, Path], None], tmp_path: Path) -> None:
    path = tmp_path / "report"
    mask = os.umask(0)
    try:
        write(Report((outcome(1, "ann@example.org", id=KEY),)), path)
    finally:
        os.umask(mask)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
