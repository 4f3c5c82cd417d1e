"""What can be granted and where: the results of `roles` and `scopes`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RoleInfo:
    """A role that an invitation may grant."""

    id: str
    """What the service knows it by; where roles have no ids it is the name."""
    name: str
    """What people call it, such as PROJECT.ADMIN."""
    description: str | None = None
    scope_type: str | None = None
    """The type of scope that it is granted in, in the service's word, such as project; `None` where it says none."""
    is_active: bool | None = None
    """Whether it can be granted; `None` where the service does not say."""
    native: object = field(default=None, repr=False, compare=False)
    """The service's own record, with whatever else it says; `None` where no request was needed."""


@dataclass(frozen=True, slots=True)
class ScopeInfo:
    """Something that one can be invited into: an organization, a project."""

    type: str
    """In the service's word: an organization is a `customer` on Waldur."""
    id: str
    name: str | None = None
    url: str | None = None
    """Its API URL, where the service has one."""
    organization_id: str | None = None
    """The organization that it belongs to; its own id where it is one."""
    organization_name: str | None = None
    native: object = field(default=None, repr=False, compare=False)
    """The service's own record, with whatever else it says; `None` where no request was needed."""
