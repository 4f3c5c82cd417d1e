"""Records by name, for reading: whoever misspells a name is told which there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Named(Mapping[str, T]):
    """A read-only view of records by name. It shows what is there now."""

    def __init__(self, kind: str, records: Mapping[str, T]) -> None:
        self._kind = kind
        self._records = records

    def __getitem__(self, name: str) -> T:
        # Not through `get`: a record may be anything.
        if name not in self._records:
            raise KeyError(f"no {self._kind} {name!r}; there are {', '.join(self._records) or 'none'}")
        return self._records[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __repr__(self) -> str:
        return f"<{len(self)} by name: {', '.join(self) or 'none'}>"

    def first(self) -> T:
        """The record that was there first.

        Raises:
            KeyError: there is none.
        """
        for record in self._records.values():
            return record
        raise KeyError(f"there is no {self._kind} yet")
