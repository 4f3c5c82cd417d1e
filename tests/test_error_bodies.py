"""Bodies of refusals: every shape that the four services, their frameworks and the proxies before them send."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from invite_clients._runtime import Response
from invite_sdk._errors.bodies import ErrorBody, read_error_body, retry_after

JSON: Final = (("Content-Type", "application/json"),)
HTML: Final = (("Content-Type", "text/html; charset=utf-8"),)
SHAPES: Final = {"empty", "html", "text", "array", "detail", "fields", "general", "code"}
MANY = settings(deadline=None, derandomize=True, database=None, max_examples=300)


def reading(body: str | bytes, headers: tuple[tuple[str, str], ...] = JSON) -> ErrorBody:
    return read_error_body(Response(400, headers, body.encode() if isinstance(body, str) else body))


READINGS: Final[dict[str, tuple[str, ErrorBody]]] = {
    # Django REST Framework: Waldur and CloudTruth.
    "drf detail": ('{"detail": "Invalid token."}', ErrorBody("detail", ("Invalid token.",))),
    "drf fields": (
        '{"role": ["This field is required."], "email": ["Enter a valid email address.", "Too long."]}',
        ErrorBody(
            "fields",
            field_errors={"role": ("This field is required.",), "email": ("Enter a valid email address.", "Too long.")},
        ),
    ),
    "drf field with one sentence": ('{"role": "Wrong."}', ErrorBody("fields", field_errors={"role": ("Wrong.",)})),
    "drf nested fields": (
        '{"scope": {"url": ["Bad."], "deep": {"er": ["Worse."]}}}',
        ErrorBody("fields", field_errors={"scope.url": ("Bad.",), "scope.deep.er": ("Worse.",)}),
    ),
    "drf non_field_errors": (
        '{"non_field_errors": ["Only pending invitations can be edited."]}',
        ErrorBody("general", ("Only pending invitations can be edited.",)),
    ),
    "drf non_field_errors beside a field": (
        '{"non_field_errors": ["Both."], "role": ["One."]}',
        ErrorBody("fields", ("Both.",), {"role": ("One.",)}),
    ),
    "django __all__": ('{"__all__": ["Constraint."]}', ErrorBody("general", ("Constraint.",))),
    "drf a field that is called detail": (
        '{"detail": ["Required."], "email": ["Wrong."]}',
        ErrorBody("fields", field_errors={"detail": ("Required.",), "email": ("Wrong.",)}),
    ),
    "drf array": (
        '["Only pending or planned invitations can be canceled."]',
        ErrorBody("array", ("Only pending or planned invitations can be canceled.",)),
    ),
    "drf array of several": ('["a", "b"]', ErrorBody("array", ("a", "b"))),
    "empty array": ("[]", ErrorBody("array")),
    "empty object": ("{}", ErrorBody("detail")),
    "null for a field": ('{"email": null}', ErrorBody("fields", field_errors={"email": ()})),
    # CloudTruth, as its command line has to read it.
    "cloudtruth detail list": ('{"detail": ["One.", "two."]}', ErrorBody("detail", ("One.", "two."))),
    "cloudtruth detail list of objects": (
        '{"detail": [{"parameter_name": "email", "error_detail": "taken"}, {"error_detail": "and more"}]}',
        ErrorBody("fields", ("and more",), {"email": ("taken",)}),
    ),
    "cloudtruth two words for one parameter": (
        '{"detail": [{"parameter_name": "a", "error_detail": "x"}, {"parameter_name": "a", "error_detail": "y"}]}',
        ErrorBody("fields", field_errors={"a": ("x", "y")}),
    ),
    # FastAPI: ZenML.
    "fastapi string": ('{"detail": "Not Found"}', ErrorBody("detail", ("Not Found",))),
    "fastapi class and message": (
        '{"detail": ["KeyError", "No invitation with that id."]}',
        ErrorBody("detail", ("No invitation with that id.",), code="KeyError"),
    ),
    "fastapi validation": (
        (
            '{"detail": [{"loc": ["path", "invitation_id"], "msg": "Input should be a valid UUID", "type": "uuid"},'
            ' {"loc": ["query", "accept"], "msg": "Field required", "type": "missing", "input": null, "ctx": {}}]}'
        ),
        ErrorBody(
            "fields", field_errors={"invitation_id": ("Input should be a valid UUID",), "accept": ("Field required",)}
        ),
    ),
    "fastapi validation deep in the body": (
        '{"detail": [{"loc": ["body", "users", 0, "email"], "msg": "Bad", "type": "x"}]}',
        ErrorBody("fields", field_errors={"users.0.email": ("Bad",)}),
    ),
    "fastapi validation of the whole body": (
        '{"detail": [{"loc": ["body"], "msg": "Field required", "type": "missing"}]}',
        ErrorBody("fields", field_errors={"body": ("Field required",)}),
    ),
    "fastapi validation without a place": ('{"detail": [{"msg": "Bad"}]}', ErrorBody("detail", ("Bad",))),
    "fastapi detail object": ('{"detail": {"reason": "quota"}}', ErrorBody("detail", ('{"reason": "quota"}',))),
    "fastapi detail null": ('{"detail": null}', ErrorBody("detail")),
    "fastapi detail number": ('{"detail": 7}', ErrorBody("detail", ("7",))),
    # Enhance.
    "enhance code and detail": (
        '{"code": "already_exists", "detail": "member"}',
        ErrorBody("code", ("member",), code="already_exists"),
    ),
    "enhance code and message": (
        '{"code": "not_found", "detail": "org", "message": "There is no such organization."}',
        ErrorBody("code", ("There is no such organization.",), code="not_found"),
    ),
    "enhance bare code": ('{"code": "forbidden"}', ErrorBody("code", code="forbidden")),
    # Gateways and proxies.
    "a gateway's number": (
        '{"code": 40101, "message": "Key expired"}',
        ErrorBody("code", ("Key expired",), code="40101"),
    ),
    "message": ('{"message": "Forbidden"}', ErrorBody("detail", ("Forbidden",))),
    "error and message": (
        '{"error": "Too Many Requests", "message": "Slow down"}',
        ErrorBody("detail", ("Too Many Requests", "Slow down")),
    ),
    "a message, and what is wrong with a field": (
        (
            '{"message": "Validation Failed", "errors": [{"resource": "R", "code": "unprocessable", "field": "data", '
            '"message": "Invited already"}, {"code": "invalid", "field": "role"}, {"code": "missing"}, "Sorry", 5], '
            '"documentation_url": "https://docs.example/errors", "status": "422"}'
        ),
        ErrorBody(
            "fields",
            ("Validation Failed", "missing", "Sorry", "5"),
            {"data": ("Invited already",), "role": ("invalid",)},
            code="unprocessable",
        ),
    ),
    "a message, and where to read on": (
        '{"message": "Not Found", "documentation_url": "https://docs.example", "status": "404"}',
        ErrorBody("detail", ("Not Found",)),
    ),
    "a field called message": (
        '{"message": "x", "email": ["Taken."]}',
        ErrorBody("fields", field_errors={"message": ("x",), "email": ("Taken.",)}),
    ),
    "a code that is a field": ('{"code": ["Wrong."]}', ErrorBody("fields", field_errors={"code": ("Wrong.",)})),
    "an empty code": ('{"code": "", "message": "x"}', ErrorBody("code", ("x",))),
    "JSON string": ('"Go away"', ErrorBody("text", ("Go away",))),
    "JSON null": ("null", ErrorBody("text")),
    "JSON number": ("12.5", ErrorBody("text", ("12.5",))),
    "JSON true": ("true", ErrorBody("text", ("true",))),
    "JSON NaN": ("NaN", ErrorBody("text", ("NaN",))),
    "NaN in a field": ('{"a": [NaN, -Infinity]}', ErrorBody("fields", field_errors={"a": ("NaN", "-Infinity")})),
    "arrays in arrays": ('[["a"], [["b"], []]]', ErrorBody("array", ("a", "b"))),
    "an object in an array": ('[{"a": 1}]', ErrorBody("array", ('{"a": 1}',))),
    "JSON with a byte order mark": ('\ufeff{"detail": "x"}', ErrorBody("detail", ("x",))),
    "the last of two equal keys": ('{"detail": "a", "detail": "b"}', ErrorBody("detail", ("b",))),
    "a lone surrogate": ('{"detail": "a\\ud800b"}', ErrorBody("detail", ("a?b",))),
    "cut off": ('{"detail": "Inva', ErrorBody("text", ('{"detail": "Inva',))),
    "words": ("upstream connect error\n", ErrorBody("text", ("upstream connect error",))),
}


@pytest.mark.parametrize("name", READINGS)
def test_a_body_is_read_as_documented(name: str) -> None:
    text, expected = READINGS[name]
    assert reading(text) == replace(expected, text=text)


@pytest.mark.parametrize("headers", [JSON, HTML, (), (("content-type", "text/plain"),)])
def test_json_is_read_whatever_it_is_called(headers: tuple[tuple[str, str], ...]) -> None:
    assert reading('{"detail": "Nope."}', headers).messages == ("Nope.",)


@pytest.mark.parametrize("body", ["", "  \r\n\t", "\n"])
def test_a_body_without_a_word_is_empty(body: str) -> None:
    assert reading(body) == ErrorBody("empty")


@pytest.mark.parametrize(
    ("page", "headers", "messages"),
    [
        ("<!doctype html>\n<title>Server Error (500)</title><h1>…</h1>", HTML, ("Server Error (500)",)),
        ("<html><head><TITLE lang=en>502\n  Bad  Gateway</TITLE></head></html>", JSON, ("502 Bad Gateway",)),
        ("\n\n<html><body>no title</body></html>", (), ()),
        ("Internal Server Error", HTML, ()),
        ("<title></title>", HTML, ()),
        ("<title>never closed", HTML, ()),
    ],
)
def test_of_a_page_only_the_title_is_a_message(
    page: str, headers: tuple[tuple[str, str], ...], messages: tuple[str, ...]
) -> None:
    assert reading(page, headers) == ErrorBody("html", messages, text=page)


def test_bytes_that_are_no_text_are_kept_as_far_as_they_can_be_shown() -> None:
    read = reading(b"\xff\xfe\x00garbage\x80")
    assert read.shape == "text"
    assert "garbage" in read.text


def test_a_huge_page_is_cut() -> None:
    read = reading("<html>" + "x" * 5_000_000)
    assert (read.shape, len(read.text)) == ("html", 4096)


def test_a_huge_object_is_cut_and_not_parsed() -> None:
    read = reading(json.dumps({"detail": "x" * 5_000_000}))
    assert (read.shape, len(read.text), len(read.messages[0])) == ("text", 4096, 200)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(["x" * 2_000] * 300),
        json.dumps({f"field {number}": ["x" * 2_000] * 300 for number in range(1)}),
        json.dumps({f"field {number}": ["no"] for number in range(10_000)}),
        json.dumps({"outer": {f"field {number}": "no" for number in range(10_000)}}),
        json.dumps({"outer": {str(number): {str(number): "no" for number in range(80)} for number in range(80)}}),
        json.dumps({"detail": [{"parameter_name": str(number), "error_detail": "no"} for number in range(5_000)]}),
        json.dumps({"x" * 100_000: ["no"]}),
        json.dumps({"code": "x" * 100_000}),
        json.dumps({"detail": ["K" + "x" * 100_000, "no"]}),
    ],
)
def test_what_is_kept_of_a_large_body_is_bounded(body: str) -> None:
    read = reading(body)
    kept = [*read.messages, *(text for said in read.field_errors.values() for text in said), *read.field_errors]
    assert len(kept) <= 200
    assert all(len(text) <= 1_000 for text in (*kept, read.code or ""))
    assert len(read.text) <= 4096


@pytest.mark.parametrize("depth", [10, 100, 400, 900, 990, 5_000, 100_000])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]"), ('{"detail":', "}"), ('{"detail":[', "]}"), ('{"a":[', "]}")],
)
def test_deep_nesting_is_no_trouble(opening: str, closing: str, depth: int) -> None:
    read = reading(opening * depth + '"core"' + closing * depth)
    assert read.shape in SHAPES


def test_no_depth_is_too_deep_to_be_said_and_not_too_deep_to_be_read() -> None:
    # Near the interpreter's limit, reading may still work where writing the same again does not.
    for depth in range(700, 1_000):
        assert reading('{"detail":' + '{"a":' * depth + "1" + "}" * (depth + 1)).shape in SHAPES


ANY_JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["detail", "code", "message", "error", "loc", "msg", "__all__", "non_field_errors"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
HEADERS: Final = st.sampled_from([(), JSON, HTML])


def assert_sound(read: ErrorBody) -> None:
    assert read.shape in SHAPES
    assert (read.shape == "fields") == bool(read.field_errors)
    assert read.code is None or read.code != ""
    for said in (read.messages, *read.field_errors.values()):
        assert isinstance(said, tuple)
        assert all(isinstance(text, str) and text and text.encode() for text in said)
    for name in read.field_errors:
        name.encode()


@MANY
@given(body=st.binary(max_size=200), headers=HEADERS)
@example(body=b"\x00", headers=())
@example(body=b"\xef\xbb\xbf", headers=())
@example(body=b"9" * 5_000, headers=JSON)
def test_no_bytes_make_the_reading_fail(body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    assert_sound(reading(body, headers))


@MANY
@given(value=ANY_JSON, headers=HEADERS)
@example(value={"detail": ["Key", "\ud800"]}, headers=())
@example(value={"\ud800": "x"}, headers=())
@example(value={"": []}, headers=())
def test_no_json_makes_the_reading_fail(value: Any, headers: tuple[tuple[str, str], ...]) -> None:
    assert_sound(reading(json.dumps(value), headers))


NOW: Final = 1_800_000_000.0  # 2027-01-15T08:00:00Z


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0),
        ("Fri, 15 Jan 2027 08:00:30 -0000", 30.0),
        ("Friday, 15-Jan-27 08:00:30 GMT", 30.0),
        ("Fri, 15 Jan 2027 10:00:30 +0200", 30.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("", None),
        ("   ", None),
        ("soon", None),
        ("-5", None),
        ("1e3", None),
        ("inf", None),
        ("nan", None),
        ("१२", None),
        ("99999999999999999999", 1e9),
        ("9" * 101, None),
        ("Fri, 99 Jan 2027 08:00:30 GMT", None),
        ("Fri, 15 Jan 2027 08:00:30 +9999", None),
    ],
)
def test_retry_after_is_read_in_both_forms(said: str, seconds: float | None) -> None:
    assert retry_after(Response(429, (("retry-after", said),)), NOW) == seconds


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ("Fri, 15 Jan 2027 05:00:00 GMT", 40.0),
        ("Sat, 16 Jan 2027 08:00:00 GMT", 0.0),
        ("long ago", 0.0),
        ("", 0.0),
    ],
)
def test_a_date_counts_from_the_clock_of_the_one_who_wrote_it(sent: str, seconds: float) -> None:
    """Three hours and a moment before what is now here, or two: what is off here is off nowhere else."""
    headers = (("Date", sent), ("Retry-After", "Fri, 15 Jan 2027 05:00:40 GMT"))

    assert retry_after(Response(429, headers), NOW) == seconds


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (("5", "30"), 30.0),
        (("30", "5"), 30.0),
        (("soon", "7"), 7.0),
        (("0", "Fri, 15 Jan 2027 08:00:30 GMT"), 30.0),
        (("soon", "later"), None),
    ],
)
def test_of_several_waits_the_longest_counts(said: tuple[str, ...], seconds: float | None) -> None:
    assert retry_after(Response(429, tuple(("Retry-After", one) for one in said)), NOW) == seconds


def test_without_the_header_there_is_nothing_to_wait_for() -> None:
    assert retry_after(Response(429), NOW) is None


@MANY
@given(
    said=st.text(max_size=30)
    | st.from_regex(r"(Mon, )?[0-9]{1,4} (Jan|Feb|) [0-9]{1,7} [0-9:]{1,9}( GMT| [+-][0-9]{1,6}|)", fullmatch=True)
)
def test_no_retry_after_makes_the_reading_fail(said: str) -> None:
    found = retry_after(Response(503, (("Retry-After", said),)), NOW)
    assert found is None or 0 <= found < 1e12
