"""Invitations and results as frames of pandas and polars and as Arrow: the same columns, types and cells in each."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, Final, TypeAlias

import pandas
import polars
import pytest

from invite_sdk import Invitation, InvitationList, InviteError, LookupList, RoleInfo, ScopeInfo, Status
from invite_sdk._framed import Framed
from invite_sdk.hub import ClientResult, HubResult
from invite_sdk.roster import Plan, Policy, Report
from invite_sdk.roster.plan import PlannedRow
from invite_sdk.roster.report import RowOutcome
from invite_sdk.roster.rows import Row
from tests.samples import CLOUDTRUTH, ENHANCE, SAMPLES, WALDUR, ZENML
from tests.support import programs

# pyarrow has no types.
pa: Final[Any] = import_module("pyarrow")
Cells: TypeAlias = "list[dict[str, object]]"


class Library:
    """A frame library, as far as all of them are alike."""

    def __init__(
        self,
        name: str,
        types: dict[str, str],
        types_of: Callable[[Any], dict[str, str]],
        cells_of: Callable[[Any], Cells],
        join: Callable[[Sequence[Any]], Any],
    ) -> None:
        self.name, self.types, self.types_of, self.cells_of, self.join = name, types, types_of, cells_of, join

    def of(self, framed: Framed, **named: bool) -> Any:
        return getattr(framed, f"to_{self.name}")(**named)


def pandas_cells(frame: pandas.DataFrame) -> Cells:
    """The cells, with `None` for what is missing."""
    rows = zip(*(frame[name].to_list() for name in frame.columns), strict=True)
    return [
        {str(name): None if pandas.isna(cell) else cell for name, cell in zip(frame.columns, row, strict=True)}
        for row in rows
    ]


PANDAS: Final = Library(
    "pandas",
    {
        "text": "string",
        "word": "category",
        "number": "Int64",
        "time": "datetime64[us, UTC]",
        "flag": "bool",
        "answer": "boolean",
    },
    lambda frame: {str(name): str(kind) for name, kind in frame.dtypes.items()},
    pandas_cells,
    pandas.concat,
)
POLARS: Final = Library(
    "polars",
    {
        "text": "String",
        "word": "Categorical",
        "number": "Int64",
        "time": "Datetime(time_unit='us', time_zone='UTC')",
        "flag": "Boolean",
        "answer": "Boolean",
    },
    lambda frame: {name: str(kind).partition("(ordering")[0] for name, kind in frame.schema.items()},
    lambda frame: frame.to_dicts(),
    polars.concat,
)
ARROW: Final = Library(
    "arrow",
    {
        "text": "string",
        "word": "dictionary<values=string, indices=int32, ordered=0>",
        "number": "int64",
        "time": "timestamp[us, tz=UTC]",
        "flag": "bool",
        "answer": "bool",
    },
    lambda table: {field.name: str(field.type) for field in table.schema},
    lambda table: table.to_pylist(),
    pa.concat_tables,
)
LIBRARIES: Final = pytest.mark.parametrize("library", [PANDAS, POLARS, ARROW], ids=lambda library: library.name)

KINDS: Final = {
    "service": "word",
    "id": "text",
    "status": "word",
    "native_status": "text",
    "email": "text",
    "name": "text",
    "role": "text",
    "role_id": "text",
    "roles": "text",
    "organization_id": "text",
    "organization_name": "text",
    "organization_logo_url": "text",
    "organization_member_count": "number",
    "scope_type": "text",
    "scope_id": "text",
    "scope_name": "text",
    "inviter_name": "text",
    "inviter_id": "text",
    "inviter_avatar_url": "text",
    "created_at": "time",
    "expires_at": "time",
    "message": "text",
    "delivery": "word",
    "delivery_detail": "text",
    "url": "text",
    "partial": "flag",
    "previous_id": "text",
}
ROW: Final = PlannedRow(Row("ann@example.org", "VIEWER", client="secrets", line=7), "create", "not invited yet")
PLANNED: Final = {"line": "number", **dict.fromkeys(("client", "email", "role", "where"), "text"), "action": "word"}
PLAN: Final = {**PLANNED, "reason": "text"}
REPORT: Final = {**PLANNED, "outcome": "word", "id": "text", "reason": "text", "error": "text"}
ROLES: Final = {**dict.fromkeys(("id", "name", "description", "scope_type"), "text"), "is_active": "answer"}
SCOPES: Final = dict.fromkeys(("type", "id", "name", "url", "organization_id", "organization_name"), "text")
HUB: Final = {
    "client": "text",
    "service": "word",
    "outcome": "word",
    **dict.fromkeys(("count", "done", "left"), "number"),
    "error": "text",
}


def planned(*rows: PlannedRow) -> Plan:
    return Plan(rows, {}, Policy(), datetime(2026, 1, 5, tzinfo=UTC))


ALL: Final = {
    "no invitations": (InvitationList(), KINDS),
    "one invitation": (InvitationList([ZENML]), KINDS),
    "invitations": (InvitationList(SAMPLES.values()), KINDS),
    "little known": (InvitationList([Invitation(service="enhance", id=None, status=Status.PENDING)]), KINDS),
    "a service that is not installed": (InvitationList([WALDUR.model_copy(update={"service": "elsewhere"})]), KINDS),
    "no plan": (planned(), PLAN),
    "a plan": (planned(ROW), PLAN),
    "no report": (Report(()), REPORT),
    "a report": (Report((RowOutcome(ROW, "done", "invited", "1"),)), REPORT),
    "no roles": (LookupList(RoleInfo), ROLES),
    "roles": (LookupList(RoleInfo, [RoleInfo("1", "ADMIN", is_active=False), RoleInfo("2", "OWNER")]), ROLES),
    "no scopes": (LookupList(ScopeInfo), SCOPES),
    "scopes": (LookupList(ScopeInfo, [ScopeInfo("project", "1", "Apollo")]), SCOPES),
    "no clients": (HubResult(()), HUB),
    "clients": (HubResult((ClientResult("portal", "waldur", "found", count=1),)), HUB),
}


@LIBRARIES
@pytest.mark.parametrize(("framed", "kinds"), ALL.values(), ids=ALL)
def test_the_columns_and_their_types_are_the_same_whatever_is_in_them(
    framed: Framed, kinds: dict[str, str], library: Library
) -> None:
    assert library.types_of(library.of(framed)) == {name: library.types[kind] for name, kind in kinds.items()}


@LIBRARIES
@pytest.mark.parametrize("framed", [framed for framed, _ in ALL.values()], ids=ALL)
def test_the_cells_are_those_of_the_dicts(framed: Any, library: Library) -> None:
    expected = [
        {name: ", ".join(cell) or None if isinstance(cell, tuple) else cell for name, cell in row.items()}
        for row in framed.to_dicts()
    ]
    assert library.cells_of(library.of(framed, mask=False)) == expected


@LIBRARIES
@pytest.mark.parametrize(
    ("field", "value", "cell"),
    [
        ("status", Status.EXPIRED, "expired"),
        ("service", "elsewhere", "elsewhere"),
        ("native_status", "a word of theirs", "a word of theirs"),
        ("roles", ("Owner", "Support"), "Owner, Support"),
        ("organization_member_count", 0, 0),
        ("organization_member_count", 2**63 - 1, 2**63 - 1),
        ("organization_member_count", 2**63, None),
        ("organization_member_count", -(10**5000), None),
        ("roles", ("half \ud800", "Support"), r"half \ud800, Support"),
        ("name", "half \ud800", r"half \ud800"),
        ("name", "zo\u00eb \0", "zo\u00eb \0"),
        ("expires_at", datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 1, 1, tzinfo=UTC)),
        ("expires_at", datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),  # noqa: DTZ001 - without an offset
        ("expires_at", *[datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)] * 2),
        ("expires_at", *[datetime(1, 1, 1, tzinfo=UTC)] * 2),
        ("expires_at", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), None),
    ],
    ids=lambda value: f"{value!r:.30}" if not isinstance(value, int) else f"{value.bit_length()} bits",
)
def test_what_is_odd_is_exact_or_missing(field: str, value: object, cell: object, library: Library) -> None:
    frame = library.of(InvitationList([WALDUR.model_copy(update={field: value}), WALDUR]))
    assert library.cells_of(frame[[field]] if library is PANDAS else frame.select([field]))[0] == {field: cell}


@LIBRARIES
def test_frames_of_different_services_join_and_keep_their_categories(
    library: Library, capfd: pytest.CaptureFixture[str]
) -> None:
    joined = library.join([library.of(InvitationList(rows)) for rows in ([ZENML], [], [WALDUR, ENHANCE])])

    assert library.types_of(joined) == {name: library.types[kind] for name, kind in KINDS.items()}
    assert [row["service"] for row in library.cells_of(joined)] == ["zenml", "waldur", "enhance"]
    # Where polars warns.
    assert capfd.readouterr().err == ""


@LIBRARIES
def test_no_word_is_lost_where_one_of_the_frames_has_another_service(library: Library) -> None:
    other = WALDUR.model_copy(update={"service": "elsewhere"})
    joined = library.join([library.of(InvitationList(rows)) for rows in ([ZENML], [other])])
    assert [row["service"] for row in library.cells_of(joined)] == ["zenml", "elsewhere"]


def test_categories_compare_with_text_and_group() -> None:
    rows = InvitationList([ZENML, WALDUR, CLOUDTRUTH])

    frame = rows.to_pandas()
    assert list(frame[frame["status"] == "pending"]["service"]) == ["zenml", "cloudtruth"]
    assert len(frame[frame["status"] == "no such word"]) == 0
    assert frame.groupby("status", observed=True).size().to_dict() == {"pending": 2, "unknown": 1}

    other = rows.to_polars()
    assert other.filter(polars.col("status") == "pending")["service"].to_list() == ["zenml", "cloudtruth"]
    assert other.filter(polars.col("status") == "no such word").height == 0
    assert dict(other.group_by("status").len().iter_rows()) == {"pending": 2, "unknown": 1}


def test_a_frame_goes_into_a_database_and_a_file_and_comes_back() -> None:
    several = ENHANCE.model_copy(update={"roles": ("Owner", "Support")})
    frame = InvitationList([ZENML, several, *SAMPLES.values()]).to_pandas()
    with closing(sqlite3.connect(":memory:")) as database:
        assert frame.to_sql("invitations", database, index=False) == len(frame)
        rows = database.execute("select service, roles, role, expires_at from invitations").fetchall()
        assert list(pandas.read_sql("select * from invitations", database).columns) == list(KINDS)
    assert rows[0][1:3] == (None, None)
    assert rows[1][1] == "Owner, Support"
    assert rows[0][3].startswith("2026-12-24 12:00:00")

    read = pandas.read_csv(StringIO(frame.to_csv(index=False)))
    assert list(read["roles"].iloc[1:2]) == ["Owner, Support"]
    assert list(read["id"]) == list(frame["id"])


@LIBRARIES
def test_invite_keys_are_masked_unless_they_are_asked_for(library: Library) -> None:
    rows = InvitationList([ENHANCE])
    [shown], [whole] = library.cells_of(library.of(rows)), library.cells_of(library.of(rows, mask=False))

    masked = ENHANCE.to_dict(mask=True)
    assert masked["id"] != ENHANCE.id
    for name in ("id", "url", "previous_id"):
        assert shown[name] == masked[name]
        assert whole[name] == getattr(ENHANCE, name)


LINK: Final = f"https://panel.example.org/api/invites/{'k' * 40}"
HOLDING: Final = {
    "an invitation": ("message", InvitationList([ENHANCE.model_copy(update={"message": f"see {LINK}"})])),
    "a client": ("error", HubResult((ClientResult("a", "enhance", "failed", errors=(InviteError(f"see {LINK}"),)),))),
    "a row": ("reason", Report((RowOutcome(ROW, "failed", f"see {LINK}"),))),
}


@LIBRARIES
@pytest.mark.parametrize(("column", "framed"), HOLDING.values(), ids=HOLDING)
def test_keys_of_links_within_texts_are_masked_too(column: str, framed: Framed, library: Library) -> None:
    [shown], [whole] = library.cells_of(library.of(framed)), library.cells_of(library.of(framed, mask=False))
    assert whole[column] == f"see {LINK}"
    assert shown[column] == "see https://panel.example.org/api/invites/...kkkk"


@pytest.mark.parametrize("framed", [framed for framed, _ in ALL.values()], ids=ALL)
def test_who_takes_arrow_reads_the_same_masked_table(framed: Framed) -> None:
    table = pa.RecordBatchReader.from_stream(framed).read_all()
    assert table.equals(framed.to_arrow())


def test_who_takes_arrow_may_ask_for_other_types() -> None:
    wanted = pa.schema([pa.field(name, pa.large_string()) for name in PLAN if name != "line"])
    wanted = wanted.insert(0, pa.field("line", pa.int64())).set(5, pa.field("action", pa.string()))

    table = pa.RecordBatchReader.from_stream(planned(ROW), schema=wanted).read_all()

    assert table.schema == wanted
    assert table["action"].to_pylist() == ["create"]


def test_polars_and_pyarrow_take_plans_and_reports_as_they_are_and_lists_through_arrow() -> None:
    assert pa.table(planned(ROW)).equals(planned(ROW).to_arrow())
    assert polars.DataFrame(planned(ROW)).schema == planned(ROW).to_polars().schema  # pyright: ignore[reportArgumentType]
    rows = InvitationList([ZENML, ENHANCE])
    through = polars.from_arrow(rows.to_arrow())
    assert isinstance(through, polars.DataFrame)
    assert through.equals(rows.to_polars())


ASKING: Final[dict[str, tuple[Callable[[InvitationList], object], str, str, str]]] = {
    "pandas": (lambda rows: rows.to_pandas(), "to_pandas", "pandas", "pandas"),
    "polars": (lambda rows: rows.to_polars(), "to_polars", "polars", "polars"),
    "arrow": (lambda rows: rows.to_arrow(), "to_arrow", "pyarrow", "arrow"),
    "stream": (lambda rows: rows.__arrow_c_stream__(), "reading this through Arrow", "pyarrow", "arrow"),
}


@pytest.mark.parametrize(("ask", "asked_for", "needed", "extra"), ASKING.values(), ids=ASKING)
def test_without_the_library_the_error_says_what_to_install(
    ask: Callable[[InvitationList], object], asked_for: str, needed: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, needed, None)
    with pytest.raises(ImportError, match=rf"^{asked_for} needs {needed}: pip install 'invite-sdk\[{extra}\]'$"):
        ask(InvitationList([WALDUR]))


@pytest.mark.parametrize(("ask", "asked_for", "needed", "extra"), ASKING.values(), ids=ASKING)
def test_a_library_that_is_there_and_does_not_load_says_why_itself(
    ask: Callable[[InvitationList], object],
    asked_for: str,
    needed: str,
    extra: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / f"{needed}.py").write_text("import a_part_of_it")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, needed)
    with pytest.raises(ModuleNotFoundError, match=r"^No module named 'a_part_of_it'$"):
        ask(InvitationList([WALDUR]))


FROZEN = """
import sys
from freezegun import freeze_time
from invite_sdk import Invitation, InvitationList
row = {"service": "waldur", "id": "1", "status": "pending", "created_at": "2026-01-05T00:00:00Z"}
rows = InvitationList([Invitation.model_validate(row)])
with freeze_time("2026-02-02"):
    getattr(rows, sys.argv[1])()
import pandas
assert [time.isoformat() for time in rows.to_pandas()["created_at"]] == ["2026-01-05T00:00:00+00:00"]
import datetime
assert pandas.Series([datetime.datetime(2026, 1, 1)]).dtype.kind == "M"
print(pandas.Timestamp(datetime.date(2026, 1, 1)))
"""


@pytest.mark.parametrize("first", ["to_pandas", "to_polars", "to_arrow", "__arrow_c_stream__"])
def test_a_frame_that_is_made_while_time_is_frozen_leaves_pandas_whole(first: str) -> None:
    assert programs.run(FROZEN, first) == "2026-01-01 00:00:00\n"
