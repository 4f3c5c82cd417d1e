"""Lists are read from CSV, JSON Lines and Python, and everything that is wrong with one is told at once."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, TextIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from invite_sdk import InvalidArgumentError, Scope
from invite_sdk.roster.reading import read_csv, read_json_lines, rows_from
from invite_sdk.roster.rows import RosterError, Row

MANY = settings(deadline=None, derandomize=True, database=None, max_examples=300)
URL = "https://waldur.example.org/api/projects/1/"
NINA = Row("nina@example.org", "admin", line=2)
READERS = [read_csv, read_json_lines]


def csv_rows(text: str, **given: Any) -> list[Row]:
    return read_csv(StringIO(text, newline=""), **given)


def json_rows(*rows: object, **given: Any) -> list[Row]:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    return read_json_lines(StringIO("\n".join(lines)), **given)


def problems(read: Callable[[], object]) -> list[tuple[int, str | None, str]]:
    with pytest.raises(RosterError) as caught:
        read()
    assert str(caught.value).isascii()
    return [(problem.line, problem.column, problem.reason) for problem in caught.value.problems]


def places(read: Callable[[], object]) -> list[tuple[int, str | None]]:
    return [(line, column) for line, column, _ in problems(read)]


# What is read


def test_every_column_of_a_csv_file_finds_its_place(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        " Email ,ROLE,organization,scope,scope_type,name,message,client,Extra.civilNumber\n"
        'nina@example.org, admin ,Acme,apollo,project,Nina,"Hello,\nwelcome",eu,EE1\n'
        "bob@example.org,viewer|Admin|viewer,Acme\n"
        f"eve@example.org,viewer,,{URL}\n"
    )
    assert (
        read_csv(path)
        == read_csv(str(path))
        == [
            Row(
                "nina@example.org",
                "admin",
                scope=Scope("project", "apollo", "Acme"),
                name="Nina",
                message="Hello,\nwelcome",
                extra={"civilNumber": "EE1"},
                client="eu",
                line=2,
            ),
            Row("bob@example.org", ("viewer", "Admin"), organization="Acme", line=4),
            Row("eve@example.org", "viewer", scope=URL, line=5),
        ]
    )


def test_json_lines_take_any_value_for_extra_fields_and_objects_for_scope_and_extra() -> None:
    scope = {"type": "project", "id": "apollo", "organization": "Acme"}
    flat = {"scope_type": "project", "scope": "apollo", "organization": "Acme"}
    extra = {"days": 7, "deep": {"a": [None, True, 1.5]}, "none": None}
    assert json_rows(
        {"email": "nina@example.org", "role": ["admin"], "scope": scope, "extra": extra},
        "",
        {
            "EMAIL": " nora@example.org ",
            "role": ["a|b", "c"],
            **flat,
            "extra.days": 7,
            "name": None,
            "extra": {"x": ""},
        },
        {"email": "eve@example.org", "role": "a|b", "extra": None, "scope": None},
    ) == [
        Row("nina@example.org", "admin", scope=Scope("project", "apollo", "Acme"), extra=extra, line=1),
        Row(
            "nora@example.org",
            ("a|b", "c"),
            scope=Scope("project", "apollo", "Acme"),
            extra={"days": 7, "x": ""},
            line=3,
        ),
        Row("eve@example.org", "a|b", line=4),
    ]


def test_rows_of_python_are_checked_and_numbered() -> None:
    given = Row(" nina@example.org", ("admin",), organization="Acme", scope=Scope("project", "apollo"), line=40)
    mapping = {"email": "bob@example.org", "role": ("a", "b"), "scope": Scope("project", "apollo", "Acme")}
    items: list[Row | dict[str, object]] = [given, mapping]
    assert rows_from(iter(items)) == [
        Row("nina@example.org", "admin", scope=Scope("project", "apollo", "Acme"), line=1),
        Row("bob@example.org", ("a", "b"), scope=Scope("project", "apollo", "Acme"), line=2),
    ]


def test_what_a_caller_changes_afterwards_changes_no_row() -> None:
    days = [1]
    (row,) = rows_from([Row("nina@example.org", "admin", extra={"days": days})])
    days.append(2)
    assert row.extra == {"days": [1]}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("delimiter", "others"), [(",", ";\t"), (";", ",\t"), ("\t", ",;")])
def test_the_first_line_alone_tells_what_is_between_columns(delimiter: str, others: str, ends: str) -> None:
    lines = ["email role name", f"nina@example.org admin a{others[0]}{others[0]}b", f'bob@example.org x "{delimiter}b"']
    text = ends.join(lines).replace(" ", delimiter)
    assert csv_rows(text) == [
        replace(NINA, name=f"a{others[0]}{others[0]}b"),
        Row("bob@example.org", "x", name=f"{delimiter}b".strip(), line=3),
    ]


def test_spaces_blank_lines_and_lines_of_nothing_but_separators_are_skipped() -> None:
    text = ' \n;\n email ; role \n\n ; \n  "nina@example.org"; admin \n;\n   \n'
    assert csv_rows(text) == [replace(NINA, line=6)]


def test_a_line_is_where_its_record_begins() -> None:
    text = 'email,role,message\nnina@example.org,admin,"one\ntwo\r\nthree"\nbob@example.org,,\n'
    assert places(lambda: csv_rows(text)) == [(5, "role")]


def test_a_column_without_a_name_may_be_there_as_long_as_it_is_empty() -> None:
    assert csv_rows("email,role,,\nnina@example.org,admin, ,\n") == [NINA]
    assert places(lambda: csv_rows("email,role,,\nnina@example.org,admin,,x\n")) == [(2, None)]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp1252", "cp1252"),
    ],
)
def test_a_file_is_read_in_the_encoding_that_is_told(tmp_path: Path, encoding: str, told: str) -> None:
    path = tmp_path / "people"
    path.write_bytes("email,role,name\r\nnina@example.org,admin,J\u00fcrgen\r\n".encode(encoding))
    assert read_csv(path, encoding=told) == [replace(NINA, name="J\u00fcrgen")]
    path.write_bytes('{"email": "nina@example.org", "role": "admin", "name": "J\u00fcrgen"}\r\n'.encode(encoding))
    assert read_json_lines(path, encoding=told) == [replace(NINA, name="J\u00fcrgen", line=1)]


def test_a_byte_order_mark_in_a_stream_is_no_part_of_the_first_column() -> None:
    assert csv_rows("\ufeffemail,role\nnina@example.org,admin") == [NINA]


# Defaults


def test_defaults_stand_where_a_row_says_nothing() -> None:
    defaults = {"Role": ["a", "b"], "organization": "Acme", "name": "", "extra": {"x": 1, "y": [2]}}
    text = "email,role,organization,extra.x\nnina@example.org,,,\nbob@example.org,c,Globex,3"
    assert csv_rows(text, defaults=defaults) == [
        Row("nina@example.org", ("a", "b"), organization="Acme", extra={"x": 1, "y": [2]}, line=2),
        Row("bob@example.org", "c", organization="Globex", extra={"x": "3", "y": [2]}, line=3),
    ]


@pytest.mark.parametrize(
    ("defaults", "given", "organization", "scope"),
    [
        ({"scope_type": "project"}, {"scope": "apollo"}, None, Scope("project", "apollo")),
        ({"scope_type": "project"}, {"organization": "Acme"}, "Acme", None),
        ({"scope_type": "project", "organization": "Acme"}, {"scope": URL}, None, URL),
        ({"scope": Scope("project", "apollo", "Acme")}, {}, None, Scope("project", "apollo", "Acme")),
        ({"scope": Scope("project", "apollo")}, {"scope": "zeus"}, None, Scope("project", "zeus")),
        ({"organization": "Acme"}, {"scope": Scope("project", "apollo")}, None, Scope("project", "apollo", "Acme")),
        ({"scope": URL}, {}, None, URL),
    ],
)
def test_a_row_and_the_defaults_say_the_place_together(
    defaults: dict[str, object], given: dict[str, object], organization: str | None, scope: Scope | str | None
) -> None:
    rows = rows_from([{"email": "nina@example.org", "role": "admin", **given}], defaults=defaults)
    assert rows == [replace(NINA, organization=organization, scope=scope, line=1)]


@pytest.mark.parametrize("reader", READERS)
def test_a_default_that_cannot_be_right_is_told_before_the_list_is_read(reader: Callable[..., object]) -> None:
    with pytest.raises(RosterError, match="given as defaults has 2 problems") as caught:
        reader("/nowhere", defaults={"role": 7, "rol": "x"})
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(0, None), (0, "role")]


# What is refused


def test_every_problem_of_a_list_is_told_at_once_in_the_order_of_the_lines() -> None:
    text = (
        "email,role,scope,name,message\n"
        "nina,admin,,,\n"
        "bob@example.org,,apollo,\x07,\n"
        "eve@example.org,admin,,,,,\n"
        "ann@example.org,admin,,,\n"
        'tom@example.org,"admin"x,,,\n'
        "ANN@example.org,viewer,,,\n"
    )
    expected = [(2, "email"), (3, "name"), (3, "role"), (3, "scope"), (4, None), (6, None), (7, "role")]
    assert places(lambda: csv_rows(text)) == expected


@pytest.mark.parametrize(
    ("header", "column", "reason"),
    [
        ("email,rol,role", None, "'rol' is no column; did you mean role?"),
        ("email,role,Extra.", None, "'Extra.' is no column"),
        ("email,role,extra", None, "'extra' is no column; there are email, role"),
        ("email,role,e\u200bmail", None, "did you mean email?"),
        ("email,role,EMAIL", "email", "two columns have this name"),
        ("email,role,extra.a, Extra.a", "extra.a", "two columns have this name"),
        ("role,name", "email", "no column has this name, and there is no default"),
        ("email,name", "role", "no column has this name, and there is no default"),
        ('email,"role"x', None, "cannot be read: "),
        ('""', None, "no names of columns"),
        (",;", None, "no names of columns"),
    ],
)
def test_a_first_line_that_names_no_usable_columns_is_refused(header: str, column: str | None, reason: str) -> None:
    ((line, at, said),) = problems(lambda: csv_rows(f"{header}\n"))
    assert (line, at) == (1, column)
    assert reason in said


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("nina", "must be one address"),
        ("@example.org", "must be one address"),
        ("nina@", "must be one address"),
        ("nina@a@b", "must be one address"),
        ("n" * 243 + "@example.org", "at most 254"),
        ("nina b@example.org", "bare address"),
        ("<nina@example.org>", "bare address"),
        ("nina@example.org;", "bare address"),
        ("a,b@example.org", "bare address"),
        ("ni\u200bna@example.org", "ZERO WIDTH SPACE (U+200B), as character 3"),
        ("ni\u00a0na@example.org", "NO-BREAK SPACE (U+00A0), as character 3"),
        ("ni\u2028na@example.org", "LINE SEPARATOR (U+2028), as character 3"),
        ("nina@ex\u00adample.org", "SOFT HYPHEN (U+00AD), as character 8"),
        ("nina\ufe0f@example.org", "VARIATION SELECTOR-16 (U+FE0F), as character 5"),
        ("\u202enina@example.org", "RIGHT-TO-LEFT OVERRIDE (U+202E), as character 1"),
        ("ni\x07na@example.org", "U+0007, as character 3"),
        ("ni\ud800na@example.org", "U+D800, as character 3"),
        (7, "must be text, not int"),
        (["nina@example.org"], "must be text, not list"),
        ("", "missing"),
        (None, "missing"),
    ],
)
def test_an_address_that_nobody_could_mail_to_is_a_problem(email: object, reason: str) -> None:
    ((line, column, said),) = problems(lambda: json_rows({"email": email, "role": "admin"}))
    assert (line, column) == (1, "email")
    assert reason in said


@pytest.mark.parametrize(
    "email", ["n" * 242 + "@example.org", "o'neil+tag@localhost", "j\u00fcrgen@m\u00fcller.example"]
)
def test_an_unusual_address_is_taken_as_it_is(email: str) -> None:
    assert json_rows({"email": email, "role": "admin"}) == [Row(email, "admin", line=1)]


@pytest.mark.parametrize(
    ("given", "column", "reason"),
    [
        ({"role": True}, "role", "must be text, not bool"),
        ({"role": ["a", 7]}, "role", "must be text, not int"),
        ({"role": ["a", " "]}, "role", "one of several is empty"),
        ({"role": []}, "role", "missing"),
        ({"name": {}}, "name", "must be text, not dict"),
        ({"name": "Nina\nB"}, "name", "U+000A, as character 5"),
        ({"message": "Hello\x00"}, "message", "U+0000, as character 6"),
        ({"message": "Hello\r\n\tNina"}, None, ""),
        ({"organization": 17}, "organization", "must be text, not int"),
        ({"client": False}, "client", "must be text, not bool"),
        ({"scope": "apollo"}, "scope", "must be a URL, or scope_type"),
        ({"scope": {"id": "apollo"}}, "scope", "must be a URL, or scope_type"),
        ({"scope_type": "project"}, "scope_type", "without a scope"),
        ({"scope": {"type": "project"}}, "scope_type", "without a scope"),
        ({"scope": {"type": "project", "name": "apollo"}}, None, "a scope has no 'name'"),
        ({"scope": {"type": 7, "id": "apollo"}}, "scope_type", "must be text"),
        ({"scope": 7}, "scope", "must be text"),
        ({"scope": URL, "scope_type": "project"}, "scope_type", "idle beside a scope that is a URL"),
        ({"scope": URL, "organization": "Acme"}, "organization", "idle beside a scope that is a URL"),
        ({"scope": {"type": "p", "id": "a", "organization": "x"}, "organization": "y"}, "organization", "given twice"),
        ({"Email": "bob@example.org"}, "email", "given twice"),
        ({"extra": {"a": 1}, "extra.a": 2}, "extra.a", "given twice"),
        ({"extra": 7}, None, "must be an object of fields, not int"),
        ({"extra": {"": 7}}, None, "is no column"),
        ({"extra": {"a": ["\x07"]}}, "extra.a", "U+0007"),
        ({"extra": {"a": {"\ud800": 1}}}, "extra.a", "U+D800"),
        ({"roles": "a"}, None, "'roles' is no column; did you mean role?"),
        ({"x" * 100_000: "a"}, None, "is no column"),
    ],
)
def test_a_value_that_cannot_be_right_is_a_problem_of_its_column(
    given: dict[str, object], column: str | None, reason: str
) -> None:
    row = {"email": "nina@example.org", "role": "admin", **given}
    if not reason:
        assert len(json_rows(row)) == 1
        return
    ((line, at, said),) = problems(lambda: json_rows(row))
    assert (line, at) == (1, column)
    assert reason in said
    assert len(said) < 200


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"email": "a@b", "role": "x"', "no JSON: "),
        ("nina@example.org", "no JSON: "),
        ('["nina@example.org"]', "must be a JSON object, not list"),
        ("null", "must be a JSON object, not NoneType"),
        ('{"email": "a@b", "email": "a@b"}', "has the key 'email' twice"),
        ('{"email": "a@b", "extra": {"a": {"b": 1, "b": 2}}}', "has the key 'b' twice"),
        ('{"email": "a@b", "role": NaN}', "'NaN' is no number"),
        ('{"extra.a": -Infinity}', "'-Infinity' is no number"),
        ('{"extra.a": 1e999}', "'1e999' is no number"),
        pytest.param('{"extra.a": ' + "1" * 5_000 + "}", "too many digits", id="digits"),
        pytest.param('{"extra.a": ' + "[" * 200_000 + "]" * 200_000 + "}", "nested too deeply", id="nested"),
    ],
)
def test_a_line_that_is_no_json_object_is_a_problem_and_the_others_are_read_on(text: str, reason: str) -> None:
    found = problems(lambda: json_rows(text, {"email": "nina@example.org"}))
    assert [(line, column) for line, column, _ in found] == [(1, None), (2, "role")]
    assert reason in found[0][2]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "value of JSON"),
        ({1, 2}, "value of JSON"),
        (b"x", "value of JSON"),
        pytest.param(10**5_000, "value of JSON", id="huge"),
    ],
)
def test_an_extra_field_from_python_must_be_a_value_of_json(value: object, reason: str) -> None:
    ((line, column, said),) = problems(lambda: rows_from([Row("nina@example.org", "admin", extra={"a": value})]))
    assert (line, column) == (1, "extra.a")
    assert reason in said


def test_an_extra_field_that_holds_itself_or_never_seems_to_end_is_a_problem() -> None:
    ring: list[object] = []
    ring.append(ring)
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (ring, deep):
        row = Row("nina@example.org", "admin", extra={"a": value})
        assert places(partial(rows_from, [row])) == [(1, "extra.a")]


@pytest.mark.parametrize("items", ["people.csv", b"", {"email": "nina@example.org"}, 7, None, Row("a@b", "x")])
def test_what_is_no_list_of_rows_is_refused(items: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=f"not {type(items).__name__}"):
        rows_from(items)


def test_an_item_that_is_no_row_is_a_problem_of_its_place() -> None:
    items: Any = [Row("nina@example.org", "admin"), "bob@example.org", {7: "x", "email": "a@b", "role": "c"}]
    items.append({"email": "a@b", "role": "c", "extra": {7: 1}})
    assert places(lambda: rows_from(items)) == [(2, None), (3, None), (4, None)]


def test_no_rows_at_all_are_refused() -> None:
    for read in (lambda: rows_from([]), lambda: csv_rows("email,role\n , \n")):
        assert problems(read) == [(0, None, "it has no rows; give at least one")]


@pytest.mark.parametrize("text", ["", "\n \r\n", "\ufeff"])
@pytest.mark.parametrize("reader", READERS)
def test_an_empty_list_is_refused(reader: Callable[..., object], text: str) -> None:
    assert problems(lambda: reader(StringIO(text))) == [(0, None, "empty; give at least one row")]


def test_a_quote_that_is_never_closed_swallows_nothing_silently() -> None:
    text = 'email,role,name\nnina@example.org,admin,"Nina\nbob@example.org,admin,Bob\n'
    ((line, column, reason),) = problems(lambda: csv_rows(text))
    assert (line, column) == (2, None)
    assert "is a quote not closed?" in reason


def test_a_cell_of_any_size_is_told_and_other_readers_keep_their_limit() -> None:
    limit = csv.field_size_limit()
    text = f"email,role\n{'x' * (limit + 1)},admin\nbob,admin\n"
    assert places(lambda: csv_rows(text)) == [(2, None), (3, "email")]
    assert csv.field_size_limit() == limit


# Files


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("data", "encoding", "line", "reason"),
    [
        ("email,role".encode("utf-16"), "utf-8", 1, 'give encoding="utf-16"'),
        ("email,role".encode("utf-16-le"), "UTF8", 1, 'give encoding="utf-16"'),
        (b"email\n\0", "utf-8", 2, 'give encoding="utf-16"'),
        (
            b"email,role\n\nJ\xfcrgen",
            "utf-8",
            3,
            "byte 0xFC is no UTF-8, as which it was read; tell the right",
        ),
        (b"\n\x81", "cp1252", 2, "byte 0x81 is no CP1252"),
        (b"email", "utf-99", 0, "'utf-99' is no encoding of text that Python knows"),
        (b"email", "hex", 0, "'hex' is no encoding of text"),
        (b"email", "undefined", 0, "'undefined' is no encoding of text"),
        (b"email", "\0", 0, "is no encoding of text"),
    ],
)
def test_a_file_in_another_encoding_is_refused_with_what_to_tell(
    tmp_path: Path, reader: Callable[..., object], data: bytes, encoding: str, line: int, reason: str
) -> None:
    path = tmp_path / "people"
    path.write_bytes(data)
    ((at, column, said),) = problems(lambda: reader(path, encoding=encoding))
    assert (at, column) == (line, None)
    assert reason in said


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.csv", "cannot be read: No such file"),
        (".", "cannot be read: Is a directory"),
        ("people\0", "this is no path"),
        ("email,role\nnina@example.org,admin\n", "given in an io.StringIO"),
        pytest.param("x" * 5_000, "cannot be read: File name too long", id="long"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, reader: Callable[..., object], name: str, reason: str
) -> None:
    path = f"{tmp_path}/{name}"
    with pytest.raises(RosterError, match=r"^the list '.*' has a problem; nothing was sent") as caught:
        reader(path)
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 250


def closed() -> StringIO:
    stream = StringIO("email")
    stream.close()
    return stream


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (lambda path: closed(), "cannot be read: I/O operation on closed file"),
        (lambda path: BytesIO(b"email"), "a stream of bytes; open it as text"),
        (lambda path: path.open(encoding="utf-8"), "byte 0xFC is no UTF-8"),
        (lambda path: path.open("a"), "cannot be read: not readable"),
    ],
)
def test_a_stream_that_gives_no_text_is_refused(
    tmp_path: Path, reader: Callable[..., object], stream: Callable[[Path], TextIO], reason: str
) -> None:
    path = tmp_path / "people"
    path.write_bytes(b"J\xfcrgen")
    opened = stream(path)
    ((line, _, said),) = problems(lambda: reader(opened))
    opened.close()
    assert line == 0
    assert reason in said


@pytest.mark.parametrize("source", [7, None, [NINA]])
def test_what_is_no_source_is_refused(source: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=f"not {type(source).__name__}"):
        read_csv(source)


# Anything


WORDS = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="@,;<>|"), min_size=1, max_size=8
).filter(lambda text: text == text.strip())
EMAILS = st.from_regex(r"[a-z0-9.+]{1,8}@[a-z0-9.]{1,8}", fullmatch=True)
ROWS = st.builds(
    Row,
    email=EMAILS,
    role=WORDS | st.lists(WORDS, min_size=2, max_size=3, unique_by=str.casefold).map(tuple),
    organization=st.none() | WORDS,
    name=st.none() | WORDS,
    message=st.none() | st.text(st.sampled_from('a \n",;')).map(str.strip).map(lambda text: text or None),
    extra=st.dictionaries(st.sampled_from(["a", "b"]), WORDS),
    client=st.none() | WORDS,
)


@MANY
@given(
    rows=st.lists(ROWS, min_size=1, max_size=5, unique_by=lambda row: row.email),
    delimiter=st.sampled_from(",;\t"),
    # A URL says its type itself, and Hypothesis knows "https://" from our own modules.
    scope=st.none() | st.builds(Scope, st.just("project"), WORDS.filter(lambda text: "://" not in text)),
)
def test_what_is_written_as_csv_or_json_is_read_as_the_same_rows(
    rows: list[Row], delimiter: str, scope: Scope | None
) -> None:
    written = StringIO(newline="")
    columns = ["email", "role", "organization", "scope", "scope_type", "name", "message", "client"]
    table = csv.DictWriter(written, [*columns, "extra.a", "extra.b"], delimiter=delimiter)
    table.writeheader()
    objects: list[dict[str, object]] = []
    for row in rows:
        role = row.role if isinstance(row.role, str) else "|".join(row.role)
        extra = {f"extra.{name}": value for name, value in row.extra.items()}
        said = {name: getattr(row, name) for name in ("email", "organization", "name", "message", "client")}
        place = {"scope": scope.id, "scope_type": scope.type} if scope else {}
        table.writerow({**said, **extra, **place, "role": role})
        objects.append({**said, **extra, **place, "role": row.role})
    expected = [
        replace(
            row,
            organization=None if scope else row.organization,
            scope=replace(scope, organization=row.organization) if scope else None,
            line=0,
        )
        for row in rows
    ]
    for found in (csv_rows(written.getvalue()), json_rows(*objects), rows_from(expected)):
        assert [replace(row, line=0) for row in found] == expected


@pytest.mark.parametrize("reader", READERS)
@MANY
@given(
    data=st.binary()
    | st.text(st.sampled_from('email,role;\t\n\r"@|.{}[]:19 x\0\u200b\ufeff')).map(str.encode)
    | st.text().map(lambda text: f"email,role,name\n{text}".encode(errors="replace")),
    encoding=st.sampled_from(["utf-8", "utf-16", "cp1252", "latin-1"]),
)
@example(data=b"email,role\r\na@b,c", encoding="utf-8")
def test_no_bytes_whatever_end_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, reader: Callable[..., list[Row]], data: bytes, encoding: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything"
    path.write_bytes(data)
    with suppress(RosterError):
        assert all(row.email and row.role and row.line for row in reader(path, encoding=encoding))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["email", "role", "scope", "scope_type", "organization", "extra", "extra.a", "name"])


@MANY
@given(items=st.lists(VALUES | st.dictionaries(NAMES, VALUES), max_size=4))
def test_no_items_whatever_end_in_another_error(items: list[Any]) -> None:
    with suppress(RosterError):
        assert rows_from(items)


@pytest.mark.parametrize("wrong", [0, "", "role=VIEWER", [], [("role", "VIEWER")], False])
def test_defaults_are_a_mapping(wrong: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="defaults must be a mapping"):
        rows_from([{"email": "ann@example.org", "role": "VIEWER"}], defaults=wrong)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("wrong", [None, 0, b"utf-8", ["utf-8"]])
def test_an_encoding_is_named_by_text(reader: Callable[..., object], wrong: Any, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("email,role\nann@example.org,VIEWER\n", encoding="utf-8")
    with pytest.raises(InvalidArgumentError, match="encoding must be the name of one"):
        reader(path, encoding=wrong)
