"""The filters of `list` and `count`: whatever a service was asked, every row is checked here before it is yielded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from invite_sdk._errors import InvalidArgumentError
from invite_sdk._ids import same_id
from invite_sdk._models import Invitation, Scope, Status

StatusFilter = Status | str | Collection[Status | str]
"""One status or several, by member or by name."""

Check = Callable[[Invitation], bool | None]
"""Whether a row fits; `None` when it lacks the field to tell."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a listing was asked for, checked and in one form."""

    statuses: frozenset[Status] | None = None
    email: str | None = None
    role: str | None = None
    organization: str | None = None
    scope: Scope | str | None = None
    native: Mapping[str, object] = field(default_factory=dict[str, object])

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


def statuses_from(value: StatusFilter | None) -> frozenset[Status] | None:
    """The statuses that a filter names.

    Raises:
        InvalidArgumentError: a name is no status of ours, or there is none.
    """
    if value is None:
        return None
    names = [value] if isinstance(value, str) else list(value)
    if not names:
        raise InvalidArgumentError("status names no status at all; leave it out to list every one")
    known = {status.value: status for status in Status}
    wrong = [name for name in names if not isinstance(name, str) or str(name) not in known]
    if wrong:
        raise InvalidArgumentError(f"status must be one of {', '.join(known)}; not {wrong[0]!r}")
    return frozenset(known[str(name)] for name in names)


def check_status(statuses: frozenset[Status]) -> Check:
    """Rows of these statuses."""
    return lambda row: row.status in statuses


def check_email(email: str) -> Check:
    """Rows for this whole address, without regard to case."""
    wanted = email.strip().casefold()
    return lambda row: None if row.email is None else row.email.strip().casefold() == wanted


def check_role(role: str) -> Check:
    """Rows that grant this role, by its name without regard to case, or by its id."""
    wanted = role.casefold()

    def check(row: Invitation) -> bool | None:
        names = {name.casefold() for name in (row.role, *row.roles) if name}
        if not names and row.role_id is None:
            return None
        return wanted in names or same_id(row.role_id, role)

    return check


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


def sift(rows: list[Invitation], checks: Mapping[str, Check]) -> tuple[list[Invitation], list[tuple[Invitation, str]]]:
    """The rows that fit every check, and those that lack a field to tell, each with the reason."""
    if not checks:
        return rows, []
    fitting: list[Invitation] = []
    untold: list[tuple[Invitation, str]] = []
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
