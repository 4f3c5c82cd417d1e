"""Refuses arguments that cannot be right, before anything is read or sent."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Collection
from concurrent.futures import Executor
from typing import cast

from invite_sdk import InvalidArgumentError
from invite_sdk.roster.journal_file import Changed
from invite_sdk.roster.policy import Policy


def checked_policy(policy: object) -> Policy:
    """The policy that is given, or the usual one.

    Raises:
        InvalidArgumentError: it is something else.
    """
    if policy is None:
        return Policy()
    if not isinstance(policy, Policy):
        raise InvalidArgumentError(f"policy must be a Policy, such as Policy(expired='leave'), not {_kind(policy)}")
    return policy


def checked_journal(journal: object, changed_list: object, same_accounts: object) -> Changed:
    """What may differ from what a journal was begun with; refuses what is no path of one.

    Raises:
        InvalidArgumentError: one of them cannot be right.
    """
    if not isinstance(changed_list, bool):
        raise InvalidArgumentError(f"changed_list must be True or False, not {_kind(changed_list)}")
    names = cast("Collection[object]", same_accounts) if isinstance(same_accounts, Collection) else [None]
    if isinstance(same_accounts, str | bytes) or not all(isinstance(name, str) for name in names):
        raise InvalidArgumentError("same_accounts must be a collection of names of clients, such as ['cloud']")
    _check_path(journal)
    return Changed(changed_list, frozenset(map(str, names)))


def _check_path(journal: object) -> None:
    if journal is None:
        return
    path = cast("object", os.fspath(journal)) if isinstance(journal, str | os.PathLike) else journal
    if not isinstance(path, str):
        raise InvalidArgumentError(f"journal must be the path of a file, as text or a Path, not {_kind(path)}")
    if not path.strip():
        raise InvalidArgumentError("journal must be the path of a file, and is empty")


def check_run(settle: object, repeat_unknown: object, on_event: object) -> None:
    """Refuses what no run can go by.

    Raises:
        InvalidArgumentError: one of them cannot be right.
    """
    if isinstance(settle, bool) or not isinstance(settle, int | float) or not 0 <= settle < math.inf:
        raise InvalidArgumentError("settle must be a number of seconds, 0 or more")
    if not isinstance(repeat_unknown, bool):
        raise InvalidArgumentError(f"repeat_unknown must be True or False, not {_kind(repeat_unknown)}")
    if on_event is None:
        return
    if not callable(on_event):
        raise InvalidArgumentError(f"on_event must be a function that takes a RowEvent, not {_kind(on_event)}")
    if any(map(inspect.iscoroutinefunction, (on_event, getattr(on_event, "__call__", None)))):  # noqa: B004
        raise InvalidArgumentError("on_event must be an ordinary function: nobody would await an async one")


def check_workers(executor: object, make_client: object) -> None:
    """Refuses what cannot run parts of a plan, or make a client.

    Raises:
        InvalidArgumentError: it is no executor, or no function.
    """
    if not isinstance(executor, Executor):
        raise InvalidArgumentError(f"executor must be a concurrent.futures.Executor, not {_kind(executor)}")
    if make_client is not None and not callable(make_client):
        raise InvalidArgumentError(f"make_client must be a function that takes a name, not {_kind(make_client)}")


def _kind(value: object) -> str:
    return type(value).__name__
