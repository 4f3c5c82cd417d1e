"""Invite keys: masked to their last four characters wherever people look, whole in what is the caller's data."""

from __future__ import annotations

import ast
import copy
import json
import pickle
import pprint
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import invite_sdk
import pytest_invite_sdk
from invite_sdk import Invitation, InvitationList, Status
from invite_sdk._privacy.masking import Hidden, mask_in_text, mask_key, mask_link
from tests.samples import CLOUDTRUTH, ENHANCE, KEY, PREVIOUS_KEY, WALDUR, ZENML, html_of
from tests.support import programs

MASKED: Final = "...7Rw2"
MASKED_PREVIOUS: Final = "...Ee5F"
MASKED_URL: Final = "http://panel.example.org/invites/...7Rw2?email=ann@example.org"


def test_a_terminal_that_knows_ascii_only_shows_all_that_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    program = """
        from invite_sdk import *
        from invite_sdk import services as kit
        from tests.samples import SAMPLES, ENHANCE
        for shown in (*SAMPLES.values(), InvitationList([ENHANCE] * 25), Waldur("https://w.example", token="t" * 40)):
            print(shown)
            print(repr(shown))
        for wrong in (
            lambda: InviteClient(None),
            lambda: InviteClient(CloudTruth("https://ct.example", api_key="k")).list(status="x" * 99),
            lambda: InviteClient(CloudTruth("https://ct.example", api_key="k")).list(native_filters={"a": 1}),
            lambda: kit.one_of("kind", "x" * 99),
        ):
            try:
                wrong()
            except Exception as error:
                print(error)
    """
    assert "...7Rw2" in programs.run(program)


def _texts(path: Path) -> Iterator[str]:
    """The texts in a file that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.value


def test_what_is_ours_to_say_is_ascii() -> None:
    ours = Path(invite_sdk.__file__).parent
    # What Waldur says, what the suite sends, and characters that are looked for.
    theirs = {
        "_model/addresses.py",
        "cli/cells.py",
        "cli/given.py",
        "roster/report.py",
        "roster/texts.py",
        "testing/base/drf.py",
        "testing/suite/test_ensure.py",
        "testing/suite/test_ids.py",
        "testing/waldur/actions.py",
        "testing/waldur/body.py",
        "testing/waldur/wire.py",
    }
    files = {path.relative_to(ours).as_posix(): path for path in ours.rglob("*.py")}
    files["the plugin"] = Path(pytest_invite_sdk.__file__)
    assert {name for name, path in files.items() if not all(map(str.isascii, _texts(path)))} <= theirs


@pytest.mark.parametrize(
    ("key", "masked"),
    [(KEY, MASKED), ("", "..."), ("1234", "..."), ("12345678", "..."), ("123456789", "...6789"), (MASKED, "...")],
)
def test_a_key_keeps_its_last_four_characters_where_enough_is_hidden(key: str, masked: str) -> None:
    assert mask_key(key) == masked


@pytest.mark.parametrize(
    ("link", "masked"),
    [
        (f"http://panel.example.org/invites/{KEY}?email=ann@example.org", MASKED_URL),
        (f"https://panel.example.org:8443/api/invites/{KEY}/", f"https://panel.example.org:8443/api/invites/{MASKED}/"),
        (f"/invites/{KEY}/validate", f"/invites/{MASKED}/validate"),
        (f"https://w.example/invitation_approve/{KEY}/", f"https://w.example/invitation_approve/{MASKED}/"),
        (f"https://w.example/invites/{KEY}#top", f"https://w.example/invites/{MASKED}#top"),
        (KEY, MASKED),
        # A link of a form that nobody knows is masked as a whole, but for its host.
        (f"https://panel.example.org/join/{KEY}", f"https://panel.example.org/{MASKED}"),
        (f"https://panel.example.org/?key={KEY}", f"https://panel.example.org/{MASKED}"),
        (f"https://panel.example.org?{KEY}", f"https://panel.example.org/{MASKED}"),
        (f"https://ann:{KEY}@panel.example.org/", "...org/"),
        (f"/join/{KEY}", MASKED),
        ("https://panel.example.org", "https://panel.example.org"),
        (f"https://[broken/{KEY}", f"https://[broken/{MASKED}"),
        ("", "..."),
    ],
)
def test_a_link_keeps_what_is_no_secret(link: str, masked: str) -> None:
    assert mask_link(link) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f'{{"url":"https://p/invites/{KEY}"}}', f'{{"url":"https://p/invites/{MASKED}"}}'),
        (f'{{"url":"https:\\/\\/p\\/invites\\/{KEY}"}}', f'{{"url":"https:\\/\\/p\\/invites\\/{MASKED}"}}'),
        (f"see /invites/{KEY} and /invites/{PREVIOUS_KEY}.", f"see /invites/{MASKED} and /invites/...e5F."),
        (f"<a href='/invites/{KEY}'>x</a>", f"<a href='/invites/{MASKED}'>x</a>"),
        ("/orgs/7/invites and /api/user-invitations/1/", "/orgs/7/invites and /api/user-invitations/1/"),
        ("nothing here", "nothing here"),
        ("", ""),
    ],
)
def test_only_the_keys_in_a_text_are_masked(text: str, masked: str) -> None:
    assert mask_in_text(text) == masked


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(
    before=st.text(max_size=20), key=st.from_regex(r"[A-Za-z0-9_-]{12,40}", fullmatch=True), after=st.text(max_size=20)
)
def test_no_text_around_it_lets_a_key_through(before: str, key: str, after: str) -> None:
    for text in (f"{before}/invites/{key}{after}", f"{before}/invitation_approve/{key}{after}"):
        assert key not in mask_in_text(text)
        assert key not in mask_link(text)


def data_of(invitation: Invitation, *, mask: bool) -> dict[str, dict[str, object]]:
    """The same row in each form in which data leaves."""
    rows = InvitationList([invitation])
    frame = rows.to_pandas(mask=mask)
    return {
        "to_dict": invitation.to_dict(mask=mask),
        "to_dicts": rows.to_dicts(mask=mask)[0],
        "model_dump": invitation.model_dump(mask=mask),
        "model_dump_json": json.loads(invitation.model_dump_json(mask=mask)),
        "to_pandas": {name: frame[name].iloc[0] for name in ("id", "previous_id", "url", "email")},
        "to_polars": rows.to_polars(mask=mask).to_dicts()[0],
        "to_arrow": rows.to_arrow(mask=mask).to_pylist()[0],
    }


def test_data_is_whole_unless_asked_otherwise() -> None:
    for form, row in data_of(ENHANCE, mask=False).items():
        assert (row["id"], row["previous_id"], row["url"]) == (KEY, PREVIOUS_KEY, ENHANCE.url), form
    assert (ENHANCE.id, ENHANCE.previous_id) == (KEY, PREVIOUS_KEY)


def test_data_is_masked_where_asked() -> None:
    for form, row in data_of(ENHANCE, mask=True).items():
        assert (row["id"], row["previous_id"], row["url"]) == (MASKED, MASKED_PREVIOUS, MASKED_URL), form
        assert row["email"] == "ann@example.org", form


@pytest.mark.parametrize("invitation", [WALDUR, CLOUDTRUTH, ZENML])
def test_ids_that_open_nothing_are_not_masked(invitation: Invitation) -> None:
    for form, row in data_of(invitation, mask=True).items():
        assert row["id"] == invitation.id, form
    assert repr(invitation.id) in repr(invitation)


def test_masking_keeps_what_is_unknown_unknown() -> None:
    invitation = Invitation(service="enhance", id=None, status=Status.PENDING, partial=True)
    row = invitation.to_dict(mask=True)
    assert (row["id"], row["previous_id"], row["url"]) == (None, None, None)
    assert invitation.model_dump(mask=True) == invitation.model_dump()


def test_the_options_of_a_dump_are_pydantics() -> None:
    assert ENHANCE.model_dump(mask=True, include={"id", "status"}) == {"id": MASKED, "status": Status.PENDING}
    assert json.loads(ENHANCE.model_dump_json(mask=True, include={"id"}, indent=1)) == {"id": MASKED}


SHOWN: Final[dict[str, Callable[[Any], str]]] = {
    "repr": repr,
    "str": str,
    "format": lambda one: f"{one}",
    "repr of a list": lambda one: repr(InvitationList([one])),
    "pprint": pprint.pformat,
    "repr of pydantic": lambda one: one.__repr_str__(", "),
    "rich": lambda one: repr(list(one.__rich_repr__())),
    "devtools": lambda one: "".join(map(str, one.__pretty__(repr))),
    "html": html_of,
    "html of a list": lambda one: html_of(InvitationList([one])),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
def test_nothing_that_is_shown_has_a_key(show: Callable[[Invitation], str]) -> None:
    shown = show(ENHANCE)
    assert KEY not in shown
    assert PREVIOUS_KEY not in shown
    assert MASKED in shown


def test_a_credential_shows_in_no_text_and_does_not_travel() -> None:
    hidden = Hidden("k3y-that-nobody-may-see")

    assert hidden.get_secret_value() == "k3y-that-nobody-may-see"
    assert hidden == Hidden("k3y-that-nobody-may-see")
    assert hidden != Hidden("another")
    for text in (repr(hidden), str(hidden), f"{hidden}", repr([hidden]), repr({"key": hidden})):
        assert "k3y" not in text
    for travel in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="does not pickle"):
            travel(hidden)
