"""The one Invitation, and what the operations answer with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from pydantic import ConfigDict, SecretStr, SerializeAsAny, ValidationInfo, field_validator

from invite_clients._times import DateTime, utc_now
from invite_clients._wire import BaseModel
from invite_sdk._model.ids import canonical_id
from invite_sdk._model.installed import knowledge
from invite_sdk._model.records import (
    FINAL_STATUSES,
    OPEN_STATUSES,
    ROW_FIELDS,
    Delivery,
    InvitationFields,
    Status,
    unset,
)
from invite_sdk._privacy.masking import mask_in_row, mask_key, mask_link


class Natives(Protocol):
    """The wire models of a page of rows, which may be read only when one of them is asked for."""

    def __getitem__(self, place: int, /) -> BaseModel: ...


_LATER, _PLACE = "_natives", "_native_at"
"""Where a listed invitation keeps its page's wire models, and its place, as long as nobody has asked for `native`."""

_ANSWER = "_answer"


def _in_utc(time: DateTime | None) -> DateTime | None:
    """A time without an offset is UTC."""
    return time if time is None or time.tzinfo is not None else time.replace(tzinfo=UTC)


def _native_from_data(value: object, info: ValidationInfo) -> object:
    """Gives a dumped `native` the wire type that its service gave it."""
    if not isinstance(value, Mapping):
        return value
    known = knowledge(str(info.data.get("service", "")))
    for model in () if known is None else known.native_models():
        try:
            return model.model_validate(value)
        except ValueError:
            continue
    return _AnyNative.model_validate(value)


class _AnyNative(BaseModel):
    """What a service said, where its type is not known here."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Invitation(BaseModel):
    """One invitation of any service, flat and frozen. What a service does not say is `None`, never invented.

    `==` compares every field; `same_as` asks whether two are the same invitation; the hash is of service and id.
    Ids keep the form in which the service sent them. Times are aware; a time without an offset on the wire is UTC.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=(), hide_input_in_errors=True)

    service: str
    """The service's name: `waldur`, `cloudtruth`, `zenml`, `enhance`."""
    id: str | None
    """The service's id. For Enhance the invite key, a secret; `None` from panels that answer without one."""
    status: Status
    native_status: str | None = None
    """The service's own word for the status."""
    email: str | None = None
    """The invitee's address."""
    name: str | None = None
    """The invitee's name."""
    role: str | None = None
    """The role's name, for example `PROJECT.ADMIN` or `VIEWER`."""
    role_id: str | None = None
    roles: tuple[str, ...] = ()
    """Every role's name; Enhance can grant several."""
    organization_id: str | None = None
    organization_name: str | None = None
    organization_logo_url: str | None = None
    organization_member_count: int | None = None
    scope_type: str | None = None
    """What the role is granted in, where that is narrower than the organization: `project`, …"""
    scope_id: str | None = None
    scope_name: str | None = None
    inviter_name: str | None = None
    inviter_id: str | None = None
    inviter_avatar_url: str | None = None
    created_at: DateTime | None = None
    expires_at: DateTime | None = None
    message: str | None = None
    """The inviter's own words in the mail."""
    delivery: Delivery | None = None
    delivery_detail: str | None = None
    url: str | None = None
    """The link that the invitee follows. A secret."""
    partial: bool = False
    """Whether the service confirmed the write but the invitation could not be read back in full."""
    previous_id: str | None = None
    """The id before a resend that gave a new one."""
    native: Annotated[SerializeAsAny[BaseModel] | None, "as the service sent it"] = None
    """Everything that the service said, under its own names, typed, unknown keys included (`model_extra`)."""

    _native_type = field_validator("native", mode="before")(_native_from_data)
    _aware = field_validator("created_at", "expires_at")(_in_utc)

    @classmethod
    def from_fields(cls, service: str, native: BaseModel | None, fields: InvitationFields) -> Invitation:
        """An invitation from values that a wire model has validated already: they are not checked again."""
        values = unset(service)
        values.update(fields)
        return filled(values, native)

    if not TYPE_CHECKING:
        # A listed invitation has its values and nothing else, so that Python asks `__getattr__` for what pydantic keeps
        # beside them, and for a `native` that is read late. Whoever asks for all values at once - to compare, copy,
        # pickle or dump, pydantic's core among them - does so through `__dict__`.

        def __getattr__(self, name):
            if name == "native" and name in (values := self.__dict__):
                return values[name]
            if name == "__pydantic_fields_set__":
                return set(_ALL_FIELDS)
            if name in ("__pydantic_extra__", "__pydantic_private__"):
                return None
            return super().__getattr__(name)

        @property
        def __dict__(self):
            values = _get_dict(self)
            natives, place = values.get(_LATER), values.get(_PLACE)
            # Another thread may be about it; it takes the place away last.
            if place is not None:
                if natives is not None:
                    values["native"] = natives[place]
                values.pop(_LATER, None)
                values.pop(_PLACE, None)
            return values

        @__dict__.setter
        def __dict__(self, values):
            _set_dict(self, values)

    @property
    def answer(self) -> str | None:
        """What the service said where it confirmed a write in words that could not be read, or only in part.

        The text of the answer, at most 16,384 characters, without credentials and with invite keys masked; `None` where
        the answer was read, or is not known. It stays with the object, its copies and its pickles, and is in no dump.
        """
        said: str | None = _get_dict(self).get(_ANSWER)
        return said

    @property
    def is_open(self) -> bool:
        """Whether it can still lead to a membership: requested, scheduled or pending."""
        return self.status in OPEN_STATUSES

    @property
    def is_final(self) -> bool:
        """Whether it has come to its end. An unknown status is neither open nor final."""
        return self.status in FINAL_STATUSES

    @property
    def is_overdue(self) -> bool:
        """Whether it is open and its `expires_at` has passed. It stays open until the service says otherwise."""
        return self.is_open and self.expires_at is not None and self.expires_at <= utc_now()

    @property
    def is_resendable(self) -> bool:
        """Whether the service would send it again, as far as this record tells."""
        known = knowledge(self.service)
        return known is not None and known.is_resendable(self)

    @property
    def canonical_id(self) -> str | None:
        """The id in one form: UUIDs as 32 lower-case hex digits, anything else as it is."""
        return canonical_id(self.id)

    def same_as(self, other: Invitation) -> bool:
        """Whether both are the same invitation of the same service, whatever else has changed."""
        return self.id is not None and self.service == other.service and self.canonical_id == other.canonical_id

    def __hash__(self) -> int:
        return hash((self.service, self.canonical_id))

    def to_dict(self, *, mask: bool = False) -> dict[str, object]:
        """The unified fields in order, without `native`: a row of a table. `mask=True` masks invite keys and links."""
        row: dict[str, object] = {name: getattr(self, name) for name in ROW_FIELDS}
        return {**row, **self._masked()} if mask else row

    if TYPE_CHECKING:

        def model_dump(self, *, mask: bool = False, **options: Any) -> dict[str, Any]: ...

        def model_dump_json(self, *, mask: bool = False, **options: Any) -> str: ...

    else:

        def model_dump(self, *, mask=False, **options):
            """As pydantic's; `mask=True` masks invite keys and links."""
            return BaseModel.model_dump(self._masked_copy() if mask else self, **options)

        def model_dump_json(self, *, mask=False, **options):
            """As pydantic's; `mask=True` masks invite keys and links."""
            return BaseModel.model_dump_json(self._masked_copy() if mask else self, **options)

    def _masked(self) -> dict[str, object]:
        """The fields that hold an invite key, and the texts that may, masked."""
        masked = mask_in_row({name: text for name in ROW_FIELDS if type(text := getattr(self, name)) is str})
        if self.url is not None:
            masked["url"] = mask_link(self.url)
        known = knowledge(self.service)
        if known is None or known.ids_are_secret:
            masked["id"] = None if self.id is None else mask_key(self.id)
            masked["previous_id"] = None if self.previous_id is None else mask_key(self.previous_id)
        return masked

    def _masked_copy(self) -> Invitation:
        return self.model_copy(update=self._masked())

    def __repr__(self) -> str:
        shown = self.to_dict(mask=True)
        words = [] if self.id is None else [f"id={_in_short(shown['id'])}"]
        words.append(f"status={self.status}")
        told = ("email", "role", "organization_name", "scope_name")
        words += [f"{name}={_in_short(shown[name])}" for name in told if shown[name] is not None]
        if self.expires_at is not None and self.is_open:
            words.append(f"expires_at={self.expires_at:%Y-%m-%d}")
        if self.partial:
            words.append("partial=True")
        quoted = _in_short(self.service)
        service = self.service if quoted == f"'{self.service}'" else quoted
        return f"<Invitation {service} {' '.join(words)}>"

    __str__ = __repr__

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        """What pretty printers show, masked as in the repr."""
        yield from self.to_dict(mask=True).items()

    @property
    def model_fields_set(self) -> set[str]:
        """The fields that were set, as a set of the caller's own."""
        return set(self.__pydantic_fields_set__)

    def _repr_html_(self) -> str:
        from invite_sdk._html import html_record

        return html_record("Invitation", self.to_dict(mask=True))


_MOST_SHOWN = 200


def _in_short(value: object) -> str:
    """The repr of a text, cut where it is endless."""
    text = str(value)
    return repr(text[:_MOST_SHOWN]) + ("..." if len(text) > _MOST_SHOWN else "")


_ALL_FIELDS = frozenset(Invitation.model_fields)

_new = object.__new__
_get_dict = BaseModel.__dict__["__dict__"].__get__
_set_dict = BaseModel.__dict__["__dict__"].__set__


def filled(fields: InvitationFields, native: BaseModel | None) -> Invitation:
    """An invitation of exactly these fields, which began as those of `unset`. It takes them over."""
    values: Any = fields
    values["native"] = native
    made = _new(Invitation)
    _set_dict(made, values)
    return made


def answered_with(made: Invitation, said: str) -> Invitation:
    """The invitation with what was said, beside its fields."""
    _get_dict(made)[_ANSWER] = said
    return made


def fill_in(
    rows: list[Any], fields_of: Callable[[Any], InvitationFields], unsaid: Mapping[str, Any], natives: Natives
) -> list[Invitation]:
    """Puts the invitations of a page into the places of its rows, as `filled` would make each.

    An invitation takes its row's place, so that the row's memory serves the next one, and nothing is called that need
    not be. That is why this says once more what `filled` says: a page spends most of our time here.

    Args:
        rows: what the page holds, one dictionary each.
        fields_of: makes the unified fields of a row.
        unsaid: what stands for the keys that a row may leave out, should `fields_of` miss one.
        natives: the wire models of the page.
    """
    for place, row in enumerate(rows):
        try:
            values: Any = fields_of(row)
        except KeyError:
            values = fields_of({**unsaid, **row})
        values[_LATER] = natives
        values[_PLACE] = place
        rows[place] = made = _new(Invitation)
        _set_dict(made, values)
    return rows


@dataclass(frozen=True, slots=True)
class EnsureResult:
    """What `ensure` found or made."""

    invitation: Invitation
    created: bool
    """Whether this call created it."""

    def _repr_html_(self) -> str:
        from invite_sdk._html import html_record

        said = "invited now" if self.created else "there was one already"
        return html_record(f"EnsureResult: {said}", self.invitation.to_dict(mask=True))


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What accepting an invitation brought."""

    invitation: Invitation
    organization_id: str | None = None
    """The organization that was joined, where the service says."""
    session: SecretStr | None = field(default=None, repr=False)
    """Enhance's new session for the invitee. A credential: it is not kept by the client."""
