"""The filters of `list` and `count`: whatever a service was asked, every row is checked here before it is yielded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from invite_clients._values import value_class
from invite_sdk._errors.tree import InvalidArgumentError
from invite_sdk._model.addresses import address_form
from invite_sdk._model.ids import same_id
from invite_sdk._model.records import Scope, Status, StatusName
from invite_sdk._privacy.masking import mask_in_text
from invite_sdk._privacy.texts import shown

if TYPE_CHECKING:
    from invite_sdk._model.invitation import Invitation

Row = TypeVar("Row")

StatusFilter = Status | StatusName | Collection[Status | StatusName]
"""One status or several, by member or by name. Names are found without regard to case."""

Check: TypeAlias = Callable[["Invitation"], bool | None]
"""Whether a row fits; `None` when it lacks the field to tell."""


@value_class
class Filters:
    """What a listing was asked for, checked and in one form."""

    statuses: frozenset[Status] | None = None
    email: str | None = None
    role: str | None = None
    organization: str | None = None
    scope: Scope | str | None = None
    native: Mapping[str, object] = field(default_factory=dict[str, object])
    address_form: Callable[[str], str] = field(default=address_form, repr=False, compare=False)
    """Gives an address the form that all its spellings share."""

    def __str__(self) -> str:
        """What is asked for, each with a space before it; of native filters the names only."""
        scope = f"{self.scope.type}:{self.scope.id}" if isinstance(self.scope, Scope) else self.scope
        words = {
            "status": "|".join(status.value for status in Status if status in (self.statuses or ())),
            "email": self.email,
            "role": self.role,
            "organization": self.organization,
            "scope": scope,
            "native_filters": "|".join(self.native),
        }
        return mask_in_text("".join(f" {name}={word}" for name, word in words.items() if word))

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the filters that are set."""
        named = (
            ("status", self.statuses),
            ("email", self.email),
            ("role", self.role),
            ("organization", self.organization),
            ("scope", self.scope),
        )
        return tuple(name for name, value in named if value is not None)

    def checks(self) -> dict[str, Check]:
        """What is checked on every row, by filter. For scopes and native filters each service has checks of its own."""
        checks: dict[str, Check] = {}
        if self.statuses is not None:
            checks["status"] = check_status(self.statuses)
        if self.email is not None:
            checks["email"] = check_email(self.email, self.address_form)
        if self.role is not None:
            checks["role"] = check_role(self.role)
        if self.organization is not None:
            checks["organization"] = check_organization(self.organization)
        return checks


def statuses_from(value: StatusFilter | None) -> frozenset[Status] | None:
    """The statuses that a filter names.

    Raises:
        InvalidArgumentError: a name is no status of ours, there is none, or it is neither name nor collection.
    """
    if value is None:
        return None
    given: object = value
    if not isinstance(given, (str, Collection)):
        raise InvalidArgumentError(f"status must be a status or several, not {type(given).__name__}")
    try:
        names = [given] if isinstance(given, str) else list(cast("Collection[object]", given))
    except TypeError:  # such as an array that holds one value and no order of any
        raise InvalidArgumentError(f"status must be a status or several, not this {type(given).__name__}") from None
    if not names:
        raise InvalidArgumentError("status names no status at all; leave it out to list every one")
    known = {status.value: status for status in Status}
    found: set[Status] = set()
    for name in names:
        status = known.get(name.lower()) if isinstance(name, str) else None
        if status is None:
            raise InvalidArgumentError(
                f"status must be one of {', '.join(known)}, or several: OPEN_STATUSES are all "
                f"that are open, FINAL_STATUSES all that have ended; not {shown(name)}"
            )
        found.add(status)
    return frozenset(found)


def check_status(statuses: frozenset[Status]) -> Check:
    """Rows of these statuses."""
    return lambda row: row.status in statuses


def check_email(email: str, form: Callable[[str], str] = address_form) -> Check:
    """Rows for this whole address, in any of its spellings: see `address_form`."""
    wanted = form(email)
    return lambda row: None if row.email is None else form(row.email) == wanted


def check_role(role: str) -> Check:
    """Rows that grant this role, by its name without regard to case, or by its id."""
    return lambda row: has_role(row, role)


def has_role(row: Invitation, role: str) -> bool | None:
    """Whether a row grants a role, by name without regard to case, or by id; `None` where it does not say its role."""
    names = {name.casefold() for name in (row.role, *row.roles) if name}
    if not names and row.role_id is None:
        return None
    return role.casefold() in names or same_id(row.role_id, role)


def check_organization(organization: str) -> Check:
    """Rows of the organization with this id."""
    return lambda row: None if row.organization_id is None else same_id(row.organization_id, organization)


def check_scope(kind: str, scope_id: str) -> Check:
    """Rows whose role is granted in this very scope."""

    def check(row: Invitation) -> bool | None:
        if row.scope_id is None or row.scope_type is None:
            return None
        return row.scope_type == kind and same_id(row.scope_id, scope_id)

    return check


def sift(
    rows: list[Row], checks: Mapping[str, Callable[[Row], bool | None]]
) -> tuple[list[Row], list[tuple[Row, str]]]:
    """The rows that fit every check, and those that lack a field to tell, each with the reason."""
    if not checks:
        return rows, []
    fitting: list[Row] = []
    untold: list[tuple[Row, str]] = []
    for row in rows:
        verdicts = {name: check(row) for name, check in checks.items()}
        if False in verdicts.values():
            continue
        missing = [name for name, verdict in verdicts.items() if verdict is None]
        if missing:
            untold.append((row, f"the row does not say its {' or '.join(missing)}, which the filter asks for"))
        else:
            fitting.append(row)
    return fitting, untold
