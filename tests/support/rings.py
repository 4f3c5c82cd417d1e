"""A keyring as the system's would be, in a file, so that several processes have the same."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

BACKEND = {"PYTHON_KEYRING_BACKEND": "tests.support.rings.FileRing"}
"""The variable that has a process use it."""


class FileRing(KeyringBackend):
    """Keeps what it is given in the file that RING names."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def held(self) -> dict[str, str]:
        file = Path(os.environ["RING"])
        return json.loads(file.read_text()) if file.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        Path(os.environ["RING"]).write_text(json.dumps({**self.held(), f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self.held()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError
        Path(os.environ["RING"]).write_text(json.dumps(kept))
