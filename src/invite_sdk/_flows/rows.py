"""Rows of a page read at once: what becomes the unified fields now, the wire models when somebody asks for them.

Both come from the same bytes by the same rules. The rows are read as dictionaries, since a wire model for each row and
what it drags along would take as much time as all the rest; most callers never look at it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, Generic, NotRequired, TypeVar, Union, cast, get_args, get_origin

from pydantic import ConfigDict, Field
from pydantic.fields import FieldInfo
from typing_extensions import TypedDict

from invite_clients._runtime import OpenEnum, Response
from invite_clients._wire import ADAPTER_CONFIG, BaseModel, TypeAdapter
from invite_sdk._flows.outcomes import UNREADABLE
from invite_sdk._flows.paging import decoded, made_of, read_rows
from invite_sdk._model.invitation import Invitation, fill_in, filled
from invite_sdk._model.records import InvitationFields, Problem

Row = TypeVar("Row", bound=BaseModel)

FromWire = Callable[[Mapping[str, Any]], InvitationFields]
"""Makes the unified fields, which began as those of `unset`, from the fields of a row.

It asks for them by name, `said["email"]`; keys that many a server leaves out take less time by `said.get(...)`.
"""


class Rows(Generic[Row]):
    """How the rows of a service's pages are read.

    Args:
        model: the generated wire model of a row. It has no validators of its own: the dictionaries would not know them.
        from_wire: makes the unified fields from its fields.
    """

    def __init__(self, model: type[Row], from_wire: FromWire) -> None:
        self._model = model
        self._from_wire = from_wire

    @cached_property
    def _fields(self) -> TypeAdapter[list[dict[str, Any]]]:
        rows: Any = list[_keys_of(self._model)]  # type: ignore[misc]
        return TypeAdapter(rows, config=ADAPTER_CONFIG)

    @cached_property
    def _unsaid(self) -> dict[str, Any]:
        """What stands for the keys that a row may leave out."""
        return {name: info.default for name, info in self._model.model_fields.items() if _may_be_filled_in(info)}

    @cached_property
    def _models(self) -> TypeAdapter[list[Row]]:
        return TypeAdapter(list[self._model], config=ADAPTER_CONFIG)  # type: ignore[name-defined]

    def read(self, response: Response, page: int) -> tuple[list[Invitation], list[Problem]]:
        """The rows of a page that is a bare array; one by one where it cannot be read as a whole.

        Raises:
            ResponseParseError: it is no array of rows.
        """
        try:
            rows = self._fields.validate_json(response.body)
            natives = _Natives(response.body, self._models)
            return fill_in(rows, self._from_wire, self._unsaid, natives), []
        except (*UNREADABLE, RecursionError):
            good, problems = read_rows(response, decoded(response), self._model, page)
            found, unread = made_of(good, self.one, page)
            return found, [*problems, *unread]

    def one(self, row: Row) -> Invitation:
        """The invitation of a row that was read by itself."""
        return filled(self._from_wire(row.__dict__), row)


class _Natives(Generic[Row]):
    """The wire models of a page, read when the first of them is asked for."""

    __slots__ = ("_models", "_read")

    def __init__(self, body: bytes, models: TypeAdapter[list[Row]]) -> None:
        self._models = models
        self._read: bytes | list[Row] = body

    def __getitem__(self, place: int) -> Row:
        # No lock, which a fork could leave taken: two threads at once read the same twice.
        read = self._read
        if isinstance(read, bytes):
            read = self._read = self._models.validate_json(read)
        return read[place]


def _keys_of(model: type[BaseModel]) -> type[dict[str, Any]]:
    """A dictionary with the fields of a model, read by the same rules; keys that the model lacks are left out.

    Those that a row leaves out are, too: filling them in for every row would take pydantic longer than it takes us for
    the rows whose reader asks for them.
    """
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        kind = _plain(info.annotation)
        if _may_be_filled_in(info):
            alias = Field(validation_alias=info.validation_alias)
            fields[name] = NotRequired[Annotated[(kind, *info.metadata, alias)]]
        else:
            fields[name] = Annotated[kind, info]
    dictionary: Any = TypedDict
    made = dictionary(model.__name__, fields)
    made.__pydantic_config__ = ConfigDict(populate_by_name=bool(model.model_config.get("populate_by_name")))
    return cast("type[dict[str, Any]]", made)


def _may_be_filled_in(info: FieldInfo) -> bool:
    """Whether what stands for a missing key is the same for every row."""
    return not info.is_required() and info.default_factory is None


def _plain(annotation: Any) -> Any:
    """An open enum takes every text, so that reading text instead refuses the same."""
    if isinstance(annotation, type) and issubclass(annotation, OpenEnum):
        return str
    if get_origin(annotation) in (Union, UnionType):
        return Union[tuple(_plain(part) for part in get_args(annotation))]  # noqa: UP007 - of parts known only now
    return cast("object", annotation)
