"""The recorded exchanges, as they are in the file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RECORDING: Final = Path(__file__).with_name("waldur-7.0.7.jsonl")
LOOKUPS: Final = Path(__file__).with_name("waldur-7.0.7-lookups.jsonl")
ORIGIN: Final = "https://waldur.example.org"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request to the real server, and what it answered."""

    name: str
    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    url: str = ""
    as_user: str = ""

    def __str__(self) -> str:
        return self.name

    def header(self, name: str) -> str:
        """A header of the answer that must be there."""
        (value,) = [value for key, value in self.headers if key.lower() == name]
        return value

    @property
    def is_html(self) -> bool:
        """Whether the answer is a page for people."""
        return self.body.lstrip().startswith("<")


def read_recording(recording: Path = RECORDING) -> list[Recorded]:
    """Every exchange, in order."""
    found: list[Recorded] = []
    for line in recording.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        asked, answered = entry["request"], entry["response"]
        headers = tuple((str(key), str(value)) for key, value in answered["headers"])
        path = str(asked["url"]).removeprefix(ORIGIN).partition("?")[0]
        found.append(
            Recorded(
                entry["name"],
                asked["method"],
                path,
                answered["status"],
                headers,
                answered["body"],
                asked["url"],
                entry.get("as_user", ""),
            )
        )
    return found
