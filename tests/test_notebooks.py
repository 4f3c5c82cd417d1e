"""Notebooks: invitations as HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

import pytest

from invite_sdk import Invitation, InvitationList, Status
from tests.samples import CLOUDTRUTH, ENHANCE, SAMPLES, WALDUR, ZENML, html_of

NASTY: Final = "<script>alert('&\"')</script>"


class _Cells(HTMLParser):
    """The texts of a table, by row, and the tags that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.caption = ""
        self.tags: set[str] = set()
        self._tag = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._tag = tag
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._tag in ("td", "th"):
            self.rows[-1][-1] += data
        elif self._tag == "caption":
            self.caption += data


def table(html: str) -> _Cells:
    parser = _Cells()
    parser.feed(html)
    parser.close()
    return parser


def nasty() -> Invitation:
    texts = [
        name
        for name in Invitation.model_fields
        if name.startswith(("organization_n", "scope_", "inviter_", "role", "email", "name", "message", "delivery_d"))
    ]
    fields = {**dict.fromkeys(texts, NASTY), "service": NASTY, "id": NASTY, "native_status": NASTY}
    return Invitation.model_validate({**fields, "status": Status.PENDING, "roles": (NASTY, NASTY)})


def test_one_invitation_is_a_table_of_what_is_known() -> None:
    found = table(html_of(WALDUR))
    assert found.caption == "Invitation"
    assert found.rows == [
        ["service", "waldur"],
        ["id", "b91ff318ad0d47c7b606aa332478155a"],
        ["status", "unknown"],
        ["native_status", "frozen"],
        ["email", "ann@example.org"],
        ["role", "PROJECT.MEMBER"],
        ["role_id", "a5362da7f81e455b8cb02acf82aacb86"],
        ["roles", "PROJECT.MEMBER"],
        ["organization_id", "cc70e778ac6b474daef756b02b0c1182"],
        ["organization_name", "Acme Org"],
        ["scope_type", "project"],
        ["scope_id", "aec40e9f4c1648f29bbeb3704048cfd0"],
        ["scope_name", "Apollo"],
        ["created_at", "2026-11-22 00:39 UTC"],
        ["expires_at", "2026-11-29 00:39 UTC"],
        ["delivery", "unknown"],
    ]


def test_nothing_and_unknown_are_not_the_same() -> None:
    rows = dict(table(html_of(ZENML)).rows)
    assert rows["organization_member_count"] == "0"
    assert "email" not in rows
    assert "partial" not in rows
    assert dict(table(html_of(ZENML.model_copy(update={"partial": True}))).rows)["partial"] == "True"


def test_a_list_is_a_table_of_the_columns_that_say_something() -> None:
    found = table(html_of(InvitationList([WALDUR, CLOUDTRUTH, ENHANCE])))
    assert found.caption == "3 invitations"
    assert found.rows == [
        ["service", "status", "email", "role", "organization_name", "scope_name", "expires_at", "delivery", "id"],
        [
            "waldur",
            "unknown",
            "ann@example.org",
            "PROJECT.MEMBER",
            "Acme Org",
            "Apollo",
            "2026-11-29 00:39 UTC",
            "unknown",
            "b91ff318ad0d47c7b606aa332478155a",
        ],
        [
            "cloudtruth",
            "pending",
            "ann@example.org",
            "VIEWER",
            "",
            "",
            "",
            "failed",
            "9b3c1f06-0d4e-4f83-9a53-0f8d6c3a7e21",
        ],
        ["enhance", "pending", "ann@example.org", "Support", "", "", "", "queued", "...7Rw2"],
    ]


@pytest.mark.parametrize(
    ("count", "caption", "rows"),
    [
        (1, "1 invitation", 1),
        (100, "100 invitations", 100),
        (101, "101 invitations", 101),
    ],
)
def test_a_long_list_shows_its_first_hundred_and_how_many_more_there_are(count: int, caption: str, rows: int) -> None:
    found = table(html_of(InvitationList([WALDUR] * count)))
    assert found.caption == caption
    assert len(found.rows) == rows + 1


@pytest.mark.parametrize("html", [html_of(nasty()), html_of(InvitationList([nasty(), WALDUR]))])
def test_what_a_service_said_is_escaped(html: str) -> None:
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert table(html).tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert any(NASTY in cell for row in table(html).rows for cell in row)


@pytest.mark.parametrize("invitation", SAMPLES.values(), ids=SAMPLES)
def test_every_invitation_can_be_shown(invitation: Invitation) -> None:
    assert table(html_of(invitation)).rows
    assert len(table(html_of(InvitationList([invitation]))).rows) == 2
