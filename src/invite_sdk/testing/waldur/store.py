"""Where a fake Waldur keeps its records: found by name or UUID, invitations in order of creation."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Generic, TypeVar

from invite_clients._times import datetime
from invite_sdk.testing.base.named import Named
from invite_sdk.testing.waldur.model import Record, WaldurInvitation

R = TypeVar("R", bound=Record)


class Registry(Generic[R]):
    """Records by key and by UUID."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._by_key: dict[str, R] = {}
        self._key_of: dict[str, str] = {}

    @property
    def view(self) -> Named[R]:
        """The records by key, read only."""
        return Named(self._kind, self._by_key)

    def require_new(self, key: str) -> str:
        """A key that no record has.

        Raises:
            ValueError: there is one.
        """
        if key in self._by_key:
            raise ValueError(f"the {self._kind} {key!r} is there already")
        return key

    def put(self, record: R) -> R:
        """Adds a record, or replaces the one of the same UUID."""
        old = self._key_of.get(record.uuid)
        if old != record.key:
            self.require_new(record.key)
            if old is not None:
                del self._by_key[old]
        self._by_key[record.key] = record
        self._key_of[record.uuid] = record.key
        return record

    def remove(self, record: R) -> None:
        """Forgets a record."""
        del self._by_key[self._key_of.pop(record.uuid)]

    def get(self, uuid: str | None) -> R | None:
        """The record of a UUID in hex, or `None`."""
        key = self._key_of.get(uuid or "")
        return None if key is None else self._by_key[key]

    def find(self, reference: str | Record) -> R:
        """The record of a key, a UUID or an older copy of it.

        Raises:
            KeyError: there is none; the message lists the keys.
        """
        name = reference if isinstance(reference, str) else reference.uuid
        return self._by_key.get(name) or self.get(name.replace("-", "").lower()) or self.view[name]

    def __iter__(self) -> Iterator[R]:
        return iter(self._by_key.values())


class InvitationStore:
    """Invitations by UUID and sorted by creation, so that a page of the default order costs the same at any size."""

    def __init__(self) -> None:
        self._rows: dict[str, WaldurInvitation] = {}
        self._order: list[tuple[datetime, int, str]] = []
        self._by_email: dict[str, dict[str, None]] = {}
        self.serial = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[WaldurInvitation]:
        """Oldest first."""
        return (self._rows[uuid] for _, _, uuid in self._order)

    def __reversed__(self) -> Iterator[WaldurInvitation]:
        """Newest first."""
        return (self._rows[uuid] for _, _, uuid in reversed(self._order))

    def get(self, uuid: str | None) -> WaldurInvitation | None:
        """The invitation of a UUID in hex, or `None`."""
        return self._rows.get(uuid or "")

    def to(self, email: str) -> list[WaldurInvitation]:
        """Those for one email, whatever its case."""
        return [self._rows[uuid] for uuid in self._by_email.get(email.lower(), ())]

    def newest(self, start: int, stop: int) -> list[WaldurInvitation]:
        """The rows `start` to `stop` of the newest-first order."""
        size = len(self._order)
        chosen = self._order[max(size - stop, 0) : max(size - start, 0)]
        return [self._rows[uuid] for _, _, uuid in reversed(chosen)]

    @property
    def last_created(self) -> datetime | None:
        """When the newest one was created."""
        return self._order[-1][0] if self._order else None

    def put(self, row: WaldurInvitation) -> WaldurInvitation:
        """Adds an invitation, or replaces the one of the same UUID."""
        old = self._rows.get(row.uuid)
        if old is None or old.created != row.created:
            if old is not None:
                self._unlist(old)
            entry = (row.created, row.serial, row.uuid)
            if not self._order or self._order[-1] < entry:
                self._order.append(entry)
            else:
                insort(self._order, entry)
        if old is not None and old.email != row.email:
            del self._by_email[old.email.lower()][row.uuid]
        self._by_email.setdefault(row.email.lower(), {})[row.uuid] = None
        self._rows[row.uuid] = row
        self.serial = max(self.serial, row.serial)
        return row

    def remove(self, row: WaldurInvitation) -> None:
        """Forgets an invitation."""
        old = self._rows.pop(row.uuid)
        del self._by_email[old.email.lower()][row.uuid]
        self._unlist(old)

    def _unlist(self, row: WaldurInvitation) -> None:
        del self._order[bisect_left(self._order, (row.created, row.serial, row.uuid))]
