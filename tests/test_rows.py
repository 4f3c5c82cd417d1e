"""Rows that are read at once: nothing but time tells an invitation whose `native` is read late from any other."""

from __future__ import annotations

import copy
import json
import pickle
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Final, TypeVar, cast

import pydantic_core
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as PydanticError

from invite_clients import cloudtruth, waldur, zenml
from invite_clients._runtime import OpenEnum, Response
from invite_sdk import Invitation, InvitationList, Problem
from invite_sdk._flows.rows import Rows
from invite_sdk._model.invitation import fill_in, filled
from invite_sdk._model.records import InvitationFields, unset
from invite_sdk.services.waldur import reading as waldur_service
from tests.samples import CLOUDTRUTH, WALDUR, WALDUR_ROW, ZENML, html_of
from tests.support.threads import together
from tests.test_models import (
    CLOUDTRUTH_ROWS,
    EXTRAS,
    MANY,
    TEXTS,
    WALDUR_ROWS,
    ZENML_ROWS,
    Journey,
    assert_as_if_validated,
    pickled,
)

Json = dict[str, Any]
Row = TypeVar("Row", bound=BaseModel)

FIELDS: Final = list(Invitation.model_fields)
WALDUR_READER: Final = waldur_service.rows()
PAGE: Final[list[Json]] = [
    {**WALDUR_ROW, "uuid": f"{number:032x}", "email": f"invitee{number}@example.org"} for number in range(30)
]
WIRES: Final = [waldur.Invitation.model_validate(row) for row in PAGE]


def answer(rows: object) -> Response:
    return Response(200, (), json.dumps(rows).encode())


def read(rows: object, reader: Rows[Any] = WALDUR_READER) -> list[Invitation]:
    """The invitations of a page without a bad row."""
    invitations, problems = reader.read(answer(rows), 1)
    assert problems == []
    return invitations


def told(invitation: Invitation) -> tuple[object, ...]:
    """All that an invitation tells, with the types of the values."""
    native = invitation.native
    assert native is not None
    return (
        repr(list(invitation)),
        [type(value) for _, value in invitation],
        sorted(invitation.model_fields_set),
        type(native),
        repr(vars(native)),
        repr(native.model_extra),
        sorted(native.model_fields_set),
    )


def one_by_one(
    body: bytes, model: type[BaseModel], from_wire: Callable[[Any], Invitation]
) -> tuple[list[Invitation], list[object]]:
    """The invitations of the rows that the wire model takes, each alone, and the other rows."""
    good: list[Invitation] = []
    bad: list[object] = []
    for row in json.loads(body):
        try:
            wire = model.model_validate_json(json.dumps(row))
        except PydanticError:
            bad.append(row)
        else:
            good.append(from_wire(wire))
    return good, bad


def assert_read_as_one_by_one(
    body: bytes, reader: Rows[Any], model: type[BaseModel], from_wire: Callable[[Any], Invitation]
) -> tuple[list[Invitation], list[Invitation]]:
    """Returns the invitations of the page, and the same ones one by one."""
    good, bad = one_by_one(body, model, from_wire)
    invitations, problems = reader.read(Response(200, (), body), 7)

    assert [told(one) for one in invitations] == [told(one) for one in good]
    assert repr([problem.row for problem in problems]) == repr(bad)
    assert {(type(problem), problem.page) for problem in problems} <= {(Problem, 7)}
    return invitations, good


# The rows of Waldur


def as_sent(row: Json) -> Json:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


ODD: Final = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["yesterday", "2026-02-30T00:00:00Z", "2026-01-02", "1767225600", "5", "true", "\ud800", "\0"])
    | st.lists(TEXTS, max_size=2)
    | EXTRAS
)


@st.composite
def spoiled(draw: st.DrawFn, rows: st.SearchStrategy[Json], names: list[str]) -> Json:
    """A row of which one key or two are missing, hold something else or are not known."""
    row = dict(draw(rows))
    for name in draw(st.lists(st.sampled_from([*names, "invented", "native"]), min_size=1, max_size=2)):
        row.pop(name, None)
        if draw(st.booleans()):
            row[name] = draw(ODD)
    return row


@st.composite
def pages(draw: st.DrawFn, rows: st.SearchStrategy[Json], model: type[BaseModel]) -> bytes:
    """The body of a page, some rows of which may be spoiled, repeated, or no rows at all."""
    sent = rows.map(as_sent)
    page: list[object] = draw(st.lists(sent, max_size=3))
    for place in draw(st.lists(st.integers(0, 3), max_size=2)):
        page.insert(place, draw(sent | spoiled(sent, list(model.model_fields)) | ODD))
    repeats = draw(st.booleans())
    if page and repeats:
        page.append(draw(st.sampled_from(page)))
    return json.dumps(page).encode()


@MANY
@given(body=pages(WALDUR_ROWS, waldur.Invitation))
def test_a_page_reads_as_its_rows_do_one_by_one(body: bytes) -> None:
    found, good = assert_read_as_one_by_one(body, WALDUR_READER, waldur.Invitation, waldur_service.from_wire)
    assert found == good
    for one in found:
        assert_as_if_validated(one)


ROW: Final = json.dumps(WALDUR_ROW)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(f'{ROW[:-1]}, "state": "pending"}}', id="a key twice"),
        pytest.param(f'{ROW[:-1]}, "state": 5}}', id="a key twice, the last one wrong"),
        pytest.param(f'{{"state": 5, {ROW[1:]}', id="a key twice, the first one wrong"),
        pytest.param(f'{ROW[:-1]}, "x": 1, "x": 2}}', id="an unknown key twice"),
        pytest.param(f'{ROW[:-1]}, "x": NaN, "y": -Infinity, "z": 1e400}}', id="no finite numbers"),
        pytest.param(f'{ROW[:-1]}, "created": NaN}}', id="a time that is no number"),
        pytest.param(f'{ROW[:-1]}, "x": {"1" * 4300}}}', id="a long number"),
        pytest.param(f'{ROW[:-1]}, "created": {"1" * 4300}}}', id="a time that is a long number"),
        pytest.param(f'{ROW[:-1]}, "created": 1767225600, "expires": "1767225600.5"}}', id="times that are numbers"),
        pytest.param(f'{ROW[:-1]}, "created": "2026-01-02"}}', id="a date for a time"),
        pytest.param(f'{ROW[:-1]}, "created": "0001-01-01T00:00:00+14:00"}}', id="a time before all others"),
        pytest.param(f'{ROW[:-1]}, "x": "\\ud800"}}', id="half of a character"),
        pytest.param(f'{ROW[:-1]}, "email": "\\u0000"}}', id="a nul"),
        pytest.param(f'{ROW[:-1]}, "x": {"[" * 150}{"]" * 150}}}', id="nested"),
        pytest.param(f'{ROW[:-1]}, "x": {"[" * 500}{"]" * 500}}}', id="nested too deeply"),
        pytest.param(
            f'{ROW[:-1]}, "_natives": [""], "_native_at": 0, "__dict__": {{}}, "model_extra": 1}}',
            id="names of our own",
        ),
    ],
)
def test_odd_json_reads_as_its_rows_do_one_by_one(row: str) -> None:
    body = f"[{ROW}, {row}, {row}]".encode()
    assert_read_as_one_by_one(body, WALDUR_READER, waldur.Invitation, waldur_service.from_wire)


# The rows of any model


class Kind(StrEnum):
    """An enum that no server extends."""

    LETTER = "letter"


class Mood(OpenEnum):
    """An enum that a server may extend. It notes the words that it was asked for and lacks."""

    CALM = "calm"

    @classmethod
    def _missing_(cls, value: object) -> Mood | None:
        LOOKED_UP.append(value)
        return super()._missing_(value)


LOOKED_UP: Final[list[object]] = []


class Sender(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    name: str
    mood: Mood | None = None


class Letter(BaseModel):
    """A row with what no service's row has yet."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    mood: Mood
    kind: Kind
    mood_before: Mood | None = None
    moods: list[Mood] | None = None
    mood_of: dict[str, Mood] = Field(default_factory=dict)
    is_read: bool | None = Field(None, alias="isRead")
    pages: int = Field(3, ge=1)
    sender: Sender | None = None


def telling(model: type[BaseModel], said: Mapping[str, Any]) -> InvitationFields:
    """An id, and a message that tells every field of the model, open enums as text."""
    fields = unset("elsewhere")
    fields["id"] = said["uuid" if "uuid" in model.model_fields else "id"]
    values = [(name, said[name]) for name in model.model_fields]
    fields["message"] = repr([(name, str(value) if isinstance(value, str) else value) for name, value in values])
    return fields


def reader_of(model: type[Row]) -> Rows[Row]:
    return Rows(model, partial(telling, model))


def from_model(wire: BaseModel) -> Invitation:
    return filled(telling(type(wire), vars(wire)), wire)


MOODS: Final = st.sampled_from([*Mood, "wild"]) | TEXTS
LETTER_ROWS: Final = st.fixed_dictionaries(
    {"id": TEXTS, "mood": MOODS, "kind": st.sampled_from(["letter"] * 9 + ["card"])},
    optional={
        "mood_before": st.none() | MOODS,
        "moods": st.none() | st.lists(MOODS | ODD, max_size=2),
        "mood_of": st.dictionaries(TEXTS, MOODS, max_size=2),
        "isRead": st.none() | st.booleans() | st.sampled_from(["yes", "perhaps"]),
        "pages": st.integers(0, 4),
        "sender": st.none() | st.fixed_dictionaries({"name": TEXTS}, optional={"mood": MOODS | ODD, "x": ODD}),
    },
)
ROWS_OF: Final[dict[type[BaseModel], st.SearchStrategy[Json]]] = {
    waldur.Invitation: WALDUR_ROWS,
    cloudtruth.Invitation: CLOUDTRUTH_ROWS,
    zenml.Invitation: ZENML_ROWS,
    Letter: LETTER_ROWS,
}
MODELS: Final = ["waldur", "cloudtruth", "zenml", "letters"]
READERS: Final = {model: reader_of(model) for model in ROWS_OF}


@pytest.mark.parametrize("model", ROWS_OF, ids=MODELS)
@MANY
@given(data=st.data())
def test_the_rows_of_any_model_read_as_they_do_one_by_one(model: type[BaseModel], data: st.DataObject) -> None:
    body = data.draw(pages(ROWS_OF[model], model))
    assert_read_as_one_by_one(body, READERS[model], model, from_model)


LETTER_ROW: Final[Json] = {"id": "1", "mood": "calm", "kind": "letter"}
ROW_OF: Final[dict[type[BaseModel], Json]] = {
    waldur.Invitation: WALDUR_ROW,
    cloudtruth.Invitation: cast("BaseModel", CLOUDTRUTH.native).model_dump(mode="json"),
    zenml.Invitation: cast("BaseModel", ZENML.native).model_dump(mode="json"),
    Letter: LETTER_ROW,
}
ODDITIES: Final = [
    None,
    True,
    5,
    -1.5,
    10**30,
    "",
    "5",
    "yes",
    "2026-01-02",
    "25:00",
    "\ud800",
    [],
    ["5"],
    {},
    {"name": 5},
]


@pytest.mark.parametrize("odd", ODDITIES, ids=json.dumps)
@pytest.mark.parametrize("model", ROWS_OF, ids=MODELS)
def test_whatever_a_field_holds_a_page_reads_as_its_rows_do_one_by_one(model: type[BaseModel], odd: object) -> None:
    row = ROW_OF[model]
    for name, field in model.model_fields.items():
        key = field.alias or name
        body = answer([row, {**row, key: odd}, row]).body
        assert_read_as_one_by_one(body, READERS[model], model, from_model)


@pytest.mark.parametrize("model", ROWS_OF, ids=MODELS)
def test_without_a_field_a_page_reads_as_its_rows_do_one_by_one(model: type[BaseModel]) -> None:
    row = ROW_OF[model]
    for missing in row:
        body = answer([row, {key: value for key, value in row.items() if key != missing}]).body
        assert_read_as_one_by_one(body, READERS[model], model, from_model)


def test_a_word_that_an_enum_lacks_is_looked_up_only_for_native() -> None:
    LOOKED_UP.clear()
    (one,) = read([{**LETTER_ROW, "mood": "wild", "mood_before": "grim"}], READERS[Letter])
    assert one.message is not None
    assert "('mood', 'wild'), ('kind', 'letter'), ('mood_before', 'grim')" in one.message
    assert LOOKED_UP == []

    assert repr(one.native).startswith("Letter(id='1', mood=<Mood.wild: 'wild'>")
    assert LOOKED_UP == ["wild", "grim"]


# When the wire models are read


MADE: Final[list[str]] = []
"""The ids of the wire models that were read."""


class NotedWaldur(waldur.Invitation):
    def model_post_init(self, _context: object) -> None:
        MADE.append(self.uuid)


class NotedLetter(Letter):
    def model_post_init(self, _context: object) -> None:
        MADE.append(self.id)


NOTED: Final[dict[type[BaseModel], Rows[Any]]] = {
    waldur.Invitation: reader_of(NotedWaldur),
    Letter: reader_of(NotedLetter),
}


def test_the_wire_models_of_a_page_are_read_once_however_many_rows_ask() -> None:
    MADE.clear()
    rows = read(PAGE, NOTED[waldur.Invitation])
    ids = [one.id for one in rows]
    assert ids == [row["uuid"] for row in PAGE]
    assert MADE == []

    natives = [cast("NotedWaldur", one.native) for one in [rows[7], *reversed(rows), *rows]]
    assert ids == MADE
    assert [native.uuid for native in natives] == [ids[7], *reversed(ids), *ids]
    assert [native.model_extra for native in natives] == [{"invented_in_2031": {"deep": [1, None, "x"]}}] * len(natives)


@pytest.mark.parametrize("model", NOTED, ids=["waldur", "letters"])
@MANY
@given(data=st.data())
def test_only_a_page_with_a_bad_row_is_read_with_its_wire_models_at_once(
    model: type[BaseModel], data: st.DataObject
) -> None:
    body = data.draw(pages(ROWS_OF[model], model))
    good, bad = one_by_one(body, model, from_model)
    MADE.clear()
    NOTED[model].read(Response(200, (), body), 1)
    at_once = [one.id for one in good] if bad else []
    assert at_once == MADE


def test_each_page_has_wire_models_of_its_own() -> None:
    first, second = read(PAGE[:2]), read(PAGE[2:4])
    assert [one.native for one in [*second, *first]] == [WIRES[place] for place in (2, 3, 0, 1)]


class Counted:
    """The wire models of a page, and how often one of them was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __getitem__(self, place: int, /) -> BaseModel:
        self.asked += 1
        return WIRES[place].model_copy()


def twins() -> tuple[Invitation, Counted, Invitation]:
    """An invitation whose `native` is read late, from what, and the same one with it from the beginning."""
    early, natives = waldur_service.from_wire(WIRES[3]), Counted()
    fields = cast("InvitationFields", {name: value for name, value in early if name != "native"})
    rows = fill_in([{} for _ in WIRES], lambda _: fields.copy(), {}, natives)
    return rows[3], natives, early


QUIET: Final[dict[str, Callable[[Invitation], object]]] = {
    "every other field": lambda one: [getattr(one, name) for name in FIELDS if name != "native"],
    "questions of where it stands": lambda one: (one.is_open, one.is_final, one.is_overdue, one.is_resendable),
    "canonical_id": lambda one: one.canonical_id,
    "model_fields_set": lambda one: sorted(one.model_fields_set),
    "hash": hash,
    "a set": lambda one: len({one, WALDUR, one}),
    "same_as": lambda one: (one.same_as(WALDUR), WALDUR.same_as(one)),
    "== something else": lambda one: one == object(),
    "repr": repr,
    "str": str,
    "a pretty printer": lambda one: list(one.__repr_args__()),
    "a notebook": html_of,
    "to_dict": lambda one: list(one.to_dict().items()),
    "to_dict masked": lambda one: list(one.to_dict(mask=True).items()),
    "the repr of a list": lambda one: repr(InvitationList([one])),
    "a list in a notebook": lambda one: html_of(InvitationList([one])),
    "to_dicts": lambda one: InvitationList([one]).to_dicts(),
    "to_pandas": lambda one: InvitationList([one]).to_pandas().to_csv(),
    "becoming a field of another model": lambda one: Journey(invitation=one).invitation.id,
    "an attribute that is not there": lambda one: hasattr(one, "nothing"),
}


@pytest.mark.parametrize("use", QUIET.values(), ids=QUIET)
def test_native_is_not_read_for(use: Callable[[Invitation], object]) -> None:
    late, natives, early = twins()
    assert use(late) == use(early)
    assert natives.asked == 0


class Likeness(BaseModel):
    """A model of a user's own, made from attributes."""

    id: str
    native: Any


LIST: Final = TypeAdapter(list[Invitation])
ASKING: Final[dict[str, Callable[[Invitation], object]]] = {
    "native": lambda one: one.native,
    "hasattr": lambda one: hasattr(one, "native"),
    "==": lambda one: (one == WALDUR, one == twins()[2], one == twins()[0]),
    "== from the other side": lambda one: (WALDUR.__eq__(one), twins()[2].__eq__(one), twins()[0].__eq__(one)),
    "in a list": lambda one: one in [WALDUR, twins()[0]],
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "deepcopy of a list": lambda one: copy.deepcopy([one, one])[1],
    "model_copy": lambda one: one.model_copy(),
    "model_copy deep": lambda one: one.model_copy(deep=True),
    "model_copy update": lambda one: one.model_copy(update={"id": "5"}),
    "model_copy update of native": lambda one: one.model_copy(update={"native": WALDUR.native}),
    "model_copy update deep": lambda one: one.model_copy(update={"id": "5"}, deep=True),
    **{f"pickle {protocol}": partial(pickled, protocol=protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)},
    "the state of a pickle": lambda one: list(one.__getstate__()["__dict__"].items()),
    "model_dump": lambda one: one.model_dump(),
    "model_dump masked": lambda one: one.model_dump(mask=True),
    "model_dump mode json": lambda one: one.model_dump(mode="json"),
    "model_dump exclude_unset": lambda one: one.model_dump(exclude_unset=True),
    "model_dump exclude_defaults": lambda one: one.model_dump(exclude_defaults=True, exclude_none=True),
    "model_dump include": lambda one: one.model_dump(include={"native"}),
    "model_dump_json": lambda one: one.model_dump_json(),
    "model_dump_json masked": lambda one: one.model_dump_json(mask=True, indent=2),
    "dict": lambda one: list(dict(one).items()),
    "vars": lambda one: list(vars(one).items()),
    "iteration": list,
    "dir": dir,
    "a field of another model": lambda one: Journey(invitation=one, others=[one]).model_dump(),
    "a field of another model, as JSON": lambda one: Journey(invitation=one, others=[one]).model_dump_json(),
    "a model from attributes": lambda one: Likeness.model_validate(one, from_attributes=True).model_dump(),
    "a type adapter": lambda one: LIST.dump_python([one, one]),
    "a type adapter, as JSON": lambda one: LIST.dump_json([one, one]),
    "pydantic's core": pydantic_core.to_jsonable_python,
    "pydantic's core, as JSON": pydantic_core.to_json,
    "another one of the same values": lambda one: Invitation(**vars(one)),
}


@pytest.mark.parametrize("use", ASKING.values(), ids=ASKING)
def test_native_is_read_once_for(use: Callable[[Invitation], object]) -> None:
    late, natives, early = twins()
    expected, found = use(early), use(late)
    assert natives.asked == 1

    assert found == expected
    if isinstance(found, Invitation) and isinstance(expected, Invitation):
        assert told(found) == told(expected)
    else:
        assert repr(found) == repr(expected)
    assert use(late) == expected
    assert told(late) == told(early)
    assert natives.asked == 1


def test_a_copy_has_the_same_native_and_a_deep_copy_its_own() -> None:
    late, natives, _ = twins()
    assert copy.copy(late).native is late.native
    deep = copy.deepcopy(late).native
    assert deep == late.native
    assert deep is not late.native
    assert natives.asked == 1


# What it holds


ALL_VALUES: Final[dict[str, Callable[[Invitation], Mapping[str, object]]]] = {
    "vars": vars,
    "dict": dict,
    "the state of a pickle": lambda one: one.__getstate__()["__dict__"],
    "model_dump": lambda one: one.model_dump(),
    "model_dump_json": lambda one: json.loads(one.model_dump_json()),
    "the schema": lambda one: one.model_json_schema()["properties"],
}


@pytest.mark.parametrize("ask", ALL_VALUES.values(), ids=ALL_VALUES)
@pytest.mark.parametrize("before", [repr, vars, copy.copy, hash], ids=["repr", "vars", "copy", "hash"])
def test_all_values_are_the_fields_in_their_order(
    ask: Callable[[Invitation], Mapping[str, object]], before: Callable[[Invitation], object]
) -> None:
    (late,) = read(PAGE[3:4])
    before(late)
    assert list(ask(late)) == FIELDS
    assert sorted(late.model_fields_set) == sorted(FIELDS)
    assert late.model_extra is None


def test_the_schema_is_that_of_the_class() -> None:
    late, natives, early = twins()
    assert late.model_json_schema() == early.model_json_schema() == Invitation.model_json_schema()
    assert natives.asked == 0


def test_a_pickle_holds_one_row_and_not_its_page() -> None:
    data = pickle.dumps(read(PAGE)[3])
    assert b"invitee3@" in data
    assert b"invitee4@" not in data
    assert b"_rows" not in data


def test_an_unknown_attribute_is_named_in_the_error() -> None:
    late, natives, early = twins()
    for one in (late, early):
        with pytest.raises(AttributeError, match="'Invitation' object has no attribute 'natives'"):
            _ = one.natives  # type: ignore[attr-defined]
    assert natives.asked == 0


@pytest.mark.parametrize("name", ["native", "id", "natives"])
def test_nothing_can_be_set_or_deleted(name: str) -> None:
    late, natives, early = twins()
    with pytest.raises(PydanticError, match="frozen"):
        setattr(late, name, None)
    with pytest.raises(PydanticError, match="frozen"):
        delattr(late, name)
    assert natives.asked == 0
    assert late == early


def test_one_that_was_never_filled_lacks_native_as_any_other_field() -> None:
    empty = Invitation.__new__(Invitation)
    assert [name for name in FIELDS if hasattr(empty, name)] == []


# Threads


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("ask", [lambda one: one.native, lambda one: dict(one)["native"]], ids=["native", "all"])
def test_threads_that_ask_at_once_are_told_the_same(ask: Callable[[Invitation], BaseModel]) -> None:
    def asked(rows: list[Invitation], _: int) -> list[BaseModel]:
        return [ask(one) for one in rows]

    for _ in range(20):
        rows = read(PAGE)
        assert together(8, partial(asked, rows)) == [WIRES] * 8
        assert [list(vars(one)) for one in rows] == [FIELDS] * len(rows)


def test_a_thread_that_another_one_overtakes_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = reader_of(waldur.Invitation)
    validate_json = reader._models.validate_json
    others: list[threading.Thread] = []

    class Overtaken:
        """Before its first reader can read, another thread reads to the end, if only it need not wait for that one."""

        @property
        def validate_json(self) -> Callable[[bytes], list[waldur.Invitation]]:
            if not others:
                others.append(threading.Thread(target=lambda: rows[1].native))
                others[0].start()
                others[0].join(timeout=1)
            return validate_json

    monkeypatch.setattr(reader, "_models", Overtaken())
    rows = read(PAGE, reader)
    assert rows[0].native == WIRES[0]
    others[0].join(timeout=30)
    assert rows[1].native == WIRES[1]


# Memory


def test_the_body_of_a_page_is_let_go_once_its_wire_models_are_read() -> None:
    response = answer(PAGE)
    body = response.body
    held = sys.getrefcount(body)
    rows, _ = WALDUR_READER.read(response, 1)
    assert sys.getrefcount(body) > held

    assert rows[-1].native == WIRES[-1]
    assert sys.getrefcount(body) == held
    assert rows[0].native == WIRES[0]


def test_the_body_of_a_page_is_let_go_with_its_rows() -> None:
    response = answer(PAGE)
    body = response.body
    held = sys.getrefcount(body)
    rows, _ = WALDUR_READER.read(response, 1)
    rows.clear()
    assert sys.getrefcount(body) == held


def test_a_row_that_told_its_native_keeps_no_other_row() -> None:
    kept, other = read(PAGE[:2])
    watched = weakref.ref(other.native)
    assert kept.native == WIRES[0]
    assert watched() is not None

    del other
    assert watched() is None
    assert kept.native == WIRES[0]
