"""What notebooks show of our objects: tables in which nothing is markup, nothing is endless and no key is whole."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import invite_sdk
from invite_sdk import (
    APIError,
    AsyncInviteClient,
    Capabilities,
    ConfigurationError,
    ConflictError,
    ConnectError,
    EnsureResult,
    Hub,
    Invitation,
    InvitationCheck,
    InvitationList,
    InviteClient,
    InviteError,
    LookupList,
    NotFoundError,
    OutcomeUnknownError,
    Plan,
    Policy,
    RateLimitedError,
    Report,
    RoleInfo,
    ScopeInfo,
    ServerError,
    Status,
    ValidationError,
)
from invite_sdk._errors.showing import to_do
from invite_sdk._html import MAX_ROWS, html_record, html_table
from invite_sdk._model.installed import BUILT_IN
from invite_sdk.hub import ClientResult, HubResult
from invite_sdk.roster import PlannedRow, Row, RowOutcome
from invite_sdk.services import native
from invite_sdk.testing import FakeEnhance, FakeWaldur, Fault
from invite_sdk.testing.installed import fake_class
from tests.samples import ENHANCE, KEY, SAMPLES, WALDUR, Shown, html_of
from tests.support.programs import run

TAGS: Final = {"div", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
ATTRIBUTES: Final = {"style", "title", "scope", "colspan"}
STYLES: Final = {"text-align:left", "caption-side:top;text-align:left"}


class Strict(HTMLParser):
    """Reads HTML whose tags must be balanced, and only of those that tables need."""

    def __init__(self) -> None:
        super().__init__()
        self.captions: list[str] = []
        self.rows: list[list[str]] = []
        self.titles: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        found = dict(attrs)
        assert set(found) <= ATTRIBUTES
        assert len(found) == len(attrs)
        assert found.get("style") in {None, *STYLES}
        self.titles += [title for name, title in attrs if name == "title" and title]
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
        elif tag == "caption":
            self.captions.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise AssertionError(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1] == "caption":
            self.captions[-1] += data
        else:
            assert self._open[-1] in ("th", "td")
            self.rows[-1][-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def close(self) -> None:
        super().close()
        assert self._open == []


def read(html: str) -> Strict:
    assert html.isprintable()
    parser = Strict()
    parser.feed(html)
    parser.close()
    return parser


HOSTILE: Final = {
    "a script": "<script>alert('&\"')</script>",
    "an attribute": 'x" onmouseover="alert(1)" \' onload=\'alert(2)',
    "an attribute of a long cell": "\" onmouseover='alert(1)' " + "x" * 5000,
    "an end": "</td></table></caption><img src=x onerror=alert(1)>",
    "a comment": "<!-- --><![CDATA[ ]]>&lt;&#60;",
    "from right to left": "\u202eevil\u2066\u200f\ufeff",
    "control": "\x00\x1b[2J\x07\r\n\x85\u2028",
    "half of a character": "\ud800",
    "endless": "x" * 1_000_000,
    "endless lines": "\n<b>" * 100_000,
}


def invitation(text: str) -> Invitation:
    names = [name for name in SAMPLES["waldur"].to_dict() if name not in NOT_TEXTS]
    texts = dict.fromkeys(names, text)
    return WALDUR.model_copy(update={**texts, "status": Status.PENDING, "roles": (text, text), "native": None})


NOT_TEXTS: Final = {
    "status",
    "roles",
    "created_at",
    "expires_at",
    "delivery",
    "partial",
    "organization_member_count",
}


def error(text: str, kind: type[InviteError] = APIError) -> InviteError:
    made = kind(text)
    made.service, made.operation, made.request_id, made.attempts = text, "create", text, 3
    made.add_note(text)
    return made


def conflict(text: str) -> InviteError:
    made = ConflictError(text, status=409, messages=(text,), field_errors={text: (text,)}, body=text, code=text)
    made.existing = invitation(text)
    return made


def planned(text: str) -> PlannedRow:
    return PlannedRow(Row(text, text, client=text, organization=text, line=2), "create", text)


def plan(*rows: PlannedRow) -> Plan:
    return Plan(rows, {}, Policy(), datetime(2026, 1, 5, 9, tzinfo=UTC))


def result(text: str) -> ClientResult:
    rows = InvitationList([invitation(text)])
    return ClientResult(text, "waldur", "failed", rows, count=1, left=rows, errors=(error(text),))


def whole(text: str) -> str:
    """A text that can be asked for."""
    return text.encode(errors="replace").decode()


MAKERS: Final[dict[str, Callable[[str], Shown]]] = {
    "invitation": invitation,
    "list": lambda text: InvitationList([invitation(text), WALDUR]),
    "error": error,
    "conflict": conflict,
    "unknown outcome": lambda text: OutcomeUnknownError(text, known=text, advice=text),
    "hub result": lambda text: HubResult((result(text), result("b"))),
    "client result": result,
    "plan": lambda text: plan(planned(text)),
    "report": lambda text: Report((RowOutcome(planned(text), "failed", text, text, error(text)),), stopped=text),
    "ensured": lambda text: EnsureResult(invitation(text), created=True),
    "check": lambda text: InvitationCheck(valid=False, email=text, organization_name=text, role=text),
    "roles": lambda text: LookupList(RoleInfo, [RoleInfo("1", text, text)]),
    "scopes": lambda text: LookupList(ScopeInfo, [ScopeInfo("project", "1", text, text, "2", text)]),
    "capabilities": lambda text: Capabilities(text, text, {"get": native(text, since=text)}),
}
PAGERS: Final[dict[str, Callable[[str], Shown]]] = {
    "pager": lambda text: InviteClient(FakeWaldur().connection(), resolve=False).list(role=whole(text)),
    "async pager": lambda text: AsyncInviteClient(FakeWaldur().connection(), resolve=False).list(role=whole(text)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("make", (MAKERS | PAGERS).values(), ids=MAKERS | PAGERS)
def test_whatever_is_said_is_text_in_a_whole_and_bounded_table(make: Callable[[str], Shown], text: str) -> None:
    html = html_of(make(text))

    read(html)
    assert len(html) < 150_000


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=100))
def test_any_printable_text_is_read_back_as_it_was(text: str) -> None:
    found = read(html_table("All", [{"a": text, "b": 1}]))

    assert found.rows == [["a", "b"], [" ".join(text.split()), "1"]]


@given(st.text())
def test_any_text_at_all_keeps_the_table_whole(text: str) -> None:
    found = read(html_record(text, {"a": (text, "b"), f"it {text}": 1}))

    assert len(found.rows) == 2


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_texts_of_objects_stay_short_and_on_their_lines(text: str) -> None:
    rows = InvitationList([invitation(text)])

    for said in (repr(rows[0]), str(rows), repr(HubResult((result(text),)))):
        assert len(said) < 5_000
        assert all(char.isprintable() or char == "\n" for char in said)


def test_texts_are_told_with_their_control_characters_written_out() -> None:
    found = read(html_record("It", {"name": "a\u202eb\x1b[2J\u2066", "quoted": "\"'<&"}))

    assert found.rows == [["name", r"a\u202eb\x1b[2J\u2066"], ["quoted", "\"'<&"]]


def test_a_long_cell_is_cut_and_told_whole_where_the_pointer_rests() -> None:
    text = "\"a' " * 100

    found = read(html_table("All", [{"name": text}]))

    assert found.rows[1] == [text[:117] + "..."]
    assert found.titles == [text.rstrip()]


def test_many_rows_are_cut_and_the_last_line_says_how_many_more_there_are() -> None:
    found = read(html_of(InvitationList([WALDUR] * (MAX_ROWS + 23))))

    assert found.captions == ["123 invitations"]
    assert len(found.rows) == 1 + MAX_ROWS + 1
    assert found.rows[-1] == ["... and 23 more: slice the list, or take .to_pandas()"]


def test_nothing_says_so() -> None:
    found = read(html_of(InvitationList()))

    assert (found.captions, found.rows) == (["0 invitations"], [])
    assert read(html_of(HubResult(()))).captions == ["0 clients"]
    assert read(html_of(plan())).captions == ["Plan of 2026-01-05 09:00 UTC: no rows"]
    assert read(html_of(Report(()))).captions == ["Report: no rows"]


LINK: Final = f"see https://panel.example.org/invites/{KEY}?x=1, or"


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_keys_in_links_are_masked_wherever_they_stand(make: Callable[[str], Shown]) -> None:
    html = html_of(make(LINK))

    assert KEY not in html
    assert "/invites/...7Rw2" in html


def test_no_key_of_an_invitation_is_whole() -> None:
    rows = InvitationList([ENHANCE])
    found = ClientResult("panel", "enhance", "found", rows, count=1, left=rows)
    in_the_way = ConflictError("there is one", status=409)
    in_the_way.existing = ENHANCE

    for value in (ENHANCE, rows, found, HubResult((found,)), in_the_way):
        assert KEY not in html_of(value)
        assert "...7Rw2" in html_of(value)


def test_a_hub_result_shows_what_was_found_and_left_and_where() -> None:
    rows = InvitationList([WALDUR])
    first = ClientResult("portal", "waldur", "done", rows, count=1, done=1, left=rows)
    second = ClientResult("campus", "waldur", "failed", errors=(ConnectError("no connection was made"),))

    found = read(html_of(HubResult((first, second))))

    assert found.captions == ["2 clients", "1 invitation", "1 invitation left"]
    assert found.rows[:3] == [
        ["client", "service", "outcome", "count", "done", "left", "error"],
        ["portal", "waldur", "done", "1", "1", "1", ""],
        ["campus", "waldur", "failed", "", "", "", "no connection was made"],
    ]
    assert found.rows[3][:4] == ["client", "service", "status", "email"]
    assert found.rows[4][:4] == ["portal", "waldur", "unknown", "ann@example.org"]


def test_a_result_of_ensure_says_whether_it_invited() -> None:
    assert [read(html_of(EnsureResult(WALDUR, created=created))).captions for created in (True, False)] == [
        ["EnsureResult: invited now"],
        ["EnsureResult: there was one already"],
    ]


def test_a_check_tells_also_that_the_answer_is_no() -> None:
    found = read(html_of(InvitationCheck(valid=False, email="ana@example.com", civil_number_required=True)))

    assert found.rows == [["valid", "no"], ["email", "ana@example.com"], ["civil_number_required", "yes"]]


def test_a_hub_shows_its_clients_and_asks_for_nothing() -> None:
    fake = FakeWaldur()
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        found = read(html_of(Hub({"campus": client})))

    assert (found.captions, found.rows) == (
        ["Hub of 1 client"],
        [["client", "service", "url"], ["campus", "waldur", fake.base_url]],
    )
    assert fake.requests == []


def test_roles_and_scopes_are_tables_and_a_role_that_nobody_may_grant_says_so() -> None:
    fake = FakeWaldur()
    fake.set_role_active("PROJECT.MEMBER", active=False)
    with InviteClient(fake.connection(), transport=fake.transport()) as client:
        roles, scopes = client.roles(type="project").all(), client.scopes(type="project").all()

    shown = read(html_of(roles))
    assert shown.captions == [f"{len(roles)} roles"]
    name, active = shown.rows[0].index("name"), shown.rows[0].index("is_active")
    granted = {row[name]: row[active] for row in shown.rows[1:]}
    assert (granted["PROJECT.MEMBER"], granted["PROJECT.ADMIN"]) == ("no", "yes")
    assert read(html_of(scopes)).rows[0] == ["type", "id", "name", "url", "organization_id", "organization_name"]


def test_roles_are_a_list_that_pickles_and_copies() -> None:
    roles = LookupList(RoleInfo, [RoleInfo("1", "ADMIN"), RoleInfo("2", "OWNER")])

    for other in (pickle.loads(pickle.dumps(roles)), copy.deepcopy(roles), copy.copy(roles)):
        assert other == [RoleInfo("1", "ADMIN"), RoleInfo("2", "OWNER")]
        assert read(html_of(other)).captions == ["2 roles"]


def test_an_error_says_what_failed_where_and_what_to_do() -> None:
    made = ValidationError("email: no address", status=400, field_errors={"email": ("no address", "too short")})
    made.service, made.operation, made.request_id, made.attempts = "waldur", "create", "r-1", 1
    made.add_note("client: campus")

    found = read(html_of(made))

    assert found.captions == ["ValidationError"]
    assert found.rows == [
        ["message", "email: no address"],
        ["what to do", "mend the values; .field_errors tells them by the service's names"],
        ["status", "400"],
        ["service", "waldur"],
        ["operation", "create"],
        ["fields", "email: no address too short"],
        ["request id", "r-1"],
        ["attempts", "1"],
        ["notes", "client: campus"],
    ]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (NotFoundError("no"), {"what to do": "check the id; it may be settled already, or not yours to see"}),
        (RateLimitedError("no", retry_after=30), {"what to do": "wait, or give deadline=", "wait": "30 seconds"}),
        (OutcomeUnknownError("lost", known="nothing", advice="call ensure"), {"what to do": "call ensure"}),
        (OutcomeUnknownError("lost"), {"what to do": "look whether it took effect before you try again"}),
    ],
)
def test_advice_is_of_the_error_or_else_of_its_class(made: InviteError, said: dict[str, str]) -> None:
    rows = dict(read(html_of(made)).rows)

    assert said.items() <= rows.items()


def test_every_class_of_errors_but_the_first_has_advice_and_one_of_somebody_else_has_that_above_it() -> None:
    class MineError(ServerError):
        """Of an author's own."""

    kinds: list[Any] = [getattr(invite_sdk, name) for name in invite_sdk.__all__ if name.endswith("Error")]

    assert [kind.__name__ for kind in kinds if not to_do(kind)] == ["InviteError"]
    assert to_do(MineError) == to_do(ServerError) == "try again later"


def test_a_real_error_shows_what_it_knows() -> None:
    fake = FakeWaldur()
    client = InviteClient(fake.connection(), transport=fake.transport())
    fake.faults.plan(Fault.status(403, body=b'{"detail": "<b>no</b>"}'), on="user_invitations_retrieve")

    with pytest.raises(APIError) as caught:
        client.get("b91ff318ad0d47c7b606aa332478155a")

    found = read(html_of(caught.value))
    assert found.captions == ["PermissionDeniedError"]
    assert dict(found.rows).items() >= {"status": "403", "service": "waldur", "operation": "get"}.items()
    assert "<b>no</b>" in dict(found.rows)["message"]


@pytest.mark.parametrize("service", BUILT_IN)
def test_capabilities_are_a_table_with_a_row_for_each_operation(service: str) -> None:
    capabilities = InviteClient(fake_class(service)().connection()).capabilities

    found = read(html_of(capabilities))

    assert [row[0] for row in found.rows] == ["operation", *capabilities]
    assert found.rows[0][:2] == ["operation", "level"]
    assert [row[1] for row in found.rows[1:]] == [capabilities[name].level for name in capabilities]


def test_unusable_parameters_of_an_operation_are_not_shown() -> None:
    capabilities = InviteClient(FakeEnhance().connection()).capabilities
    rows = {row[0]: row for row in read(html_of(capabilities)).rows}

    assert "organization" in rows["create"][2]
    assert "message" not in rows["create"][2].split(", ")


def filled(count: int) -> FakeWaldur:
    fake = FakeWaldur()
    for place in range(count):
        fake.invite(f"p{place}@example.org")
    return fake


def test_a_pager_tells_how_far_it_was_read_and_how_to_read_it_and_asks_for_nothing() -> None:
    fake = filled(5)
    client = InviteClient(fake.connection(), transport=fake.transport())
    pager = client.list(page_size=2)

    def told() -> tuple[str, str]:
        before = len(fake.requests)
        rows = dict(read(html_of(pager)).rows)
        said = repr(pager)
        assert len(fake.requests) == before
        assert ".all()" in rows["to read it"]
        return rows["so far"], said

    assert told() == ("nothing is read", "<Pager waldur: iterate, or .all(), .first(), .pages()>")
    rows = iter(pager)
    assert told()[0] == "nothing is read"
    next(rows)
    so_far = "2 rows read so far, the service counts 5 before filters"
    assert told() == (so_far, f"<Pager waldur: {so_far}; iterate, or .all(), .first(), .pages()>")
    assert len(list(rows)) == 4
    assert told()[0] == "5 rows read, all that it asks for"
    next(iter(pager))
    assert told()[0] == so_far


def test_a_pager_that_failed_does_not_look_whole() -> None:
    fake = filled(5)
    client = InviteClient(fake.connection(), transport=fake.transport())
    pager = client.list(page_size=2)
    rows = iter(pager)
    assert [next(rows).email, next(rows).email] == ["p4@example.org", "p3@example.org"]
    fake.faults.plan(Fault.status(403), on="user_invitations_list")

    with pytest.raises(APIError):
        next(rows)
    with pytest.raises(ConfigurationError, match="has failed"):
        list(rows)

    assert dict(read(html_of(pager)).rows)["so far"] == "2 rows read, then it failed"


@pytest.mark.anyio
async def test_an_async_pager_tells_the_same() -> None:
    fake = filled(1)
    async with AsyncInviteClient(fake.connection(), transport=fake.transport()) as client:
        pager = client.list()
        assert "await .all()" in dict(read(html_of(pager)).rows)["to read it"]
        await pager.all()
        assert dict(read(html_of(pager)).rows)["so far"] == "1 row read, all that it asks for"
        assert "await .all()" in dict(read(html_of(client.roles())).rows)["to read it"]


def test_showing_loads_nothing_for_whoever_does_not_look() -> None:
    printed = run(
        "import sys, invite_sdk\n"
        "client = invite_sdk.InviteClient(invite_sdk.Waldur('https://w.example', token='t' * 40))\n"
        "client.list(), client.capabilities, invite_sdk.NotFoundError(''), invite_sdk.InvitationList()\n"
        "print([name for name in sys.modules if name.endswith(('._html', '.showing'))])"
    )

    assert printed == "[]\n"
