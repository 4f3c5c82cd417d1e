"""Opens the journal of a run, and ends the run in order whatever ends its process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import NoReturn

from anyio import CapacityLimiter, to_thread

from invite_sdk import InvalidArgumentError, InviteClient
from invite_sdk.hub.calling import AnyClient, run
from invite_sdk.roster.applying import Options, Task, applied
from invite_sdk.roster.journal import Journal
from invite_sdk.roster.plan import Plan
from invite_sdk.roster.report import Report


def identities_of(clients: Mapping[str, AnyClient]) -> dict[str, str]:
    """Which service and server each client asks, without credentials."""
    return {name: f"{client.service} {client.base_url}" for name, client in clients.items()}


def applied_by(
    plan: Plan, clients: Mapping[str, InviteClient], journal: str | os.PathLike[str] | None, options: Options
) -> Report:
    """Applies a plan from code that cannot await."""
    with _terminated_gently():
        return run(partial(applied_to, plan, clients, journal, options))


async def applied_to(
    plan: Plan, clients: Mapping[str, AnyClient], journal: str | os.PathLike[str] | None, options: Options
) -> Report:
    """Applies a plan, within an event loop.

    Raises:
        InvalidArgumentError: the plan is for other clients, or there must be a journal.
        JournalError: the journal cannot be used or written.
        InviteError: nothing could be read.
    """
    identities = identities_of(clients)
    if identities != dict(plan.clients):
        there = ", ".join(f"{name}: {what}" for name, what in plan.clients.items())
        raise InvalidArgumentError(f"this plan is for other clients ({there}): plan again")
    unseen = [client.service for client in clients.values() if not client.supports("list")]
    if journal is None and unseen:
        raise InvalidArgumentError(
            f"{unseen[0]} cannot list its invitations, so only a journal knows whom it has invited: give journal=..."
        )
    kept = await to_thread.run_sync(partial(Journal.open, journal, roster=plan.roster, clients=identities))
    try:
        limiter = CapacityLimiter(len(clients) * options.max_concurrency + 8)
        return await applied(Task(plan, clients, kept, options, limiter, journal is not None))
    finally:
        kept.close()


@contextmanager
def _terminated_gently() -> Generator[None]:
    """SIGTERM ends this as an interrupt does, if nobody else listens for it."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def end(number: int, _: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
