"""What a hub's result is: a sequence, a table, an error, without secrets where it is shown."""

from __future__ import annotations

import pickle

import pandas
import pytest

from invite_sdk import ConnectError, InvitationList, InviteError, PermissionDeniedError, UnsupportedOperationError
from invite_sdk.hub import ClientResult, HubResult
from tests.samples import ENHANCE, WALDUR, html_of


def refused(kind: type[InviteError], said: str) -> InviteError:
    error = kind(said)
    error.service, error.operation = "waldur", "list"
    return error


GOOD = ClientResult("portal", "waldur", "found", InvitationList([WALDUR]), count=1)
NONE = ClientResult("secrets", "cloudtruth", "nothing", count=0)
BAD = ClientResult("campus", "waldur", "failed", errors=(refused(ConnectError, "no connection was made"),))
PANEL = ClientResult("panel", "enhance", "found", InvitationList([ENHANCE]), count=1, left=InvitationList([ENHANCE]))


def test_results_are_found_by_place_and_by_name() -> None:
    result = HubResult((GOOD, NONE, BAD))

    assert list(result) == [GOOD, NONE, BAD]
    assert result["campus"] is result[-1] is BAD
    assert result[:2] == HubResult((GOOD, NONE))
    assert (len(result), result.total, result.invitations) == (3, 1, [WALDUR])
    with pytest.raises(KeyError):
        result["nobody"]
    with pytest.raises(AttributeError):
        result.results = ()  # type: ignore[misc]


def test_a_result_is_ok_where_every_client_is() -> None:
    assert HubResult((GOOD, NONE)).ok
    assert not HubResult((GOOD, BAD)).ok
    HubResult((GOOD, NONE)).raise_for_failures()


def test_the_failures_of_all_clients_are_raised_together_each_with_its_client() -> None:
    error = refused(UnsupportedOperationError, "there is no list")
    other = ClientResult("panel", "enhance", "unsupported", errors=(error,))
    result = HubResult((GOOD, BAD, other))

    for _ in range(2):
        with pytest.raises(
            ExceptionGroup, match=r"2 of 3 clients .*: campus \(failed\), panel \(unsupported\)"
        ) as caught:
            result.raise_for_failures()

    assert caught.value.exceptions == (*BAD.errors, error)
    assert [each.__notes__ for each in caught.value.exceptions] == [["client: campus"], ["client: panel"]]


def test_a_table_has_a_line_for_each_client_also_for_one_that_failed() -> None:
    assert repr(HubResult((GOOD, NONE, BAD))).splitlines() == [
        "client   service     outcome  count  error",
        "portal   waldur      found    1",
        "secrets  cloudtruth  nothing  0",
        "campus   waldur      failed          waldur list: no connection was made",
    ]
    assert HubResult((BAD,)).to_dicts() == [
        {
            "client": "campus",
            "service": "waldur",
            "outcome": "failed",
            "count": None,
            "done": None,
            "left": None,
            "error": "waldur list: no connection was made",
        }
    ]


def test_a_table_keeps_to_its_lines_whatever_a_service_said() -> None:
    said = refused(PermissionDeniedError, "no\nway\x1b[2J " + "x" * 200)

    table = repr(HubResult((ClientResult("portal", "waldur", "failed", errors=(said,)),)))

    assert len(table.splitlines()) == 2
    assert "no way\\x1b[2J" in table
    assert table.endswith("xxx...")
    assert max(map(len, table.splitlines())) < 120


def test_a_notebook_shows_a_table_that_is_escaped() -> None:
    said = refused(PermissionDeniedError, "<script>alert('&')</script>")

    html = HubResult((GOOD, ClientResult("a<b", "waldur", "failed", errors=(said,))))._repr_html_()

    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "a&lt;b" in html
    assert html.count("<tr>") == 3 + 2


def test_a_data_frame_has_a_row_for_each_client_and_the_same_columns_without_any() -> None:
    frame = HubResult((GOOD, BAD)).to_pandas()

    assert list(frame["client"]) == ["portal", "campus"]
    assert frame["count"].sum() == 1
    assert frame["done"].isna().all()
    pandas.testing.assert_series_equal(HubResult(()).to_pandas().dtypes, frame.dtypes)


def test_rows_say_whose_they_are() -> None:
    rows = HubResult((GOOD, NONE, PANEL)).rows()

    assert [(row["client"], row["email"]) for row in rows] == [("portal", WALDUR.email), ("panel", ENHANCE.email)]
    assert list(rows[0]) == ["client", *WALDUR.to_dict()]


def test_invite_keys_are_masked_where_shown_and_whole_where_handed_over() -> None:
    result = HubResult((PANEL,))
    key = str(ENHANCE.id)
    shown = [repr(result), result._repr_html_(), repr(PANEL), str(result.to_dicts()), str(result.rows(mask=True))]
    shown += [repr(result.invitations), repr(result.left), html_of(result.invitations)]

    assert [text for text in shown if key in text or str(ENHANCE.url) in text] == []
    assert result.rows()[0]["id"] == key


def test_a_result_pickles() -> None:
    result = HubResult((GOOD, BAD))

    again = pickle.loads(pickle.dumps(result))

    assert again[0] == GOOD
    assert [str(error) for error in again["campus"].errors] == [str(error) for error in BAD.errors]
