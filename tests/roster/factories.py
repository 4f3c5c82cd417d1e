"""How workers make their clients. The functions are pickled by name, so they stand in a module of their own."""

from __future__ import annotations

import os
from pathlib import Path

from invite_sdk import AttemptEvent, Enhance, InviteClient, Waldur

MARK = "SHARDS_MARK"
"""The variable that names a file which tells of a worker's death."""


def by_name(name: str) -> InviteClient:
    """The client of a name, from variables of its own."""
    return InviteClient(Waldur(os.environ[f"{name}_URL"], token=os.environ[f"{name}_TOKEN"]))


def of_the_panel(name: str) -> InviteClient:
    return InviteClient(Enhance.from_env())


def elsewhere(name: str) -> InviteClient:
    return InviteClient(Waldur("http://127.0.0.1:9", token="elsewhere"))


def broken(name: str) -> InviteClient:
    raise LookupError("a vault that says too much")


def nothing(name: str) -> InviteClient:
    return None  # type: ignore[return-value]  # pyright: ignore[reportReturnType]


def dying(name: str) -> InviteClient:
    """A client whose process ends, once of all, when its second invitation has been answered and not been noted."""
    answered = 0

    def hook(event: AttemptEvent) -> None:
        nonlocal answered
        answered += event.operation == "create" and event.phase == "after"
        mark = Path(os.environ[MARK])
        if answered == 2 and not mark.exists():
            mark.touch()
            os._exit(9)

    return InviteClient(Waldur.from_env(), hooks=[hook])
