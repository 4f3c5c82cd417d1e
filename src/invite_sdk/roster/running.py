"""Opens the journal of a run, and ends the run in order whatever ends its process."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from types import FrameType
from typing import NoReturn, TypeVar

from anyio import (
    CancelScope,
    CapacityLimiter,
    create_task_group,
    get_cancelled_exc_class,
    open_signal_receiver,
    to_thread,
)

from invite_sdk import InvalidArgumentError, InviteClient
from invite_sdk.hub.calling import AnyClient, run
from invite_sdk.roster.applying import Options, Task, applied
from invite_sdk.roster.journal import Journal
from invite_sdk.roster.plan import Plan
from invite_sdk.roster.report import Report

T = TypeVar("T")


def identities_of(clients: Mapping[str, AnyClient]) -> dict[str, str]:
    """Which service, server and account each client asks, without credentials."""
    return {name: f"{client.service} {client.base_url} {client.account}".rstrip() for name, client in clients.items()}


def applied_by(
    plan: Plan, clients: Mapping[str, InviteClient], journal: str | os.PathLike[str] | None, options: Options
) -> Report:
    """Applies a plan from code that cannot await."""
    with terminated_gently():
        return run(partial(applied_to, plan, clients, journal, options))


async def applied_within(
    plan: Plan, clients: Mapping[str, AnyClient], journal: str | os.PathLike[str] | None, options: Options
) -> Report:
    """Applies a plan from code that awaits."""
    return await awaited_gently(partial(applied_to, plan, clients, journal, options))


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
    for name, taken in plan.defaults.items():
        if name not in clients or not taken.items() <= clients[name].defaults.items():
            raise InvalidArgumentError(f"this plan is for another organization of the client {name!a}: plan again")
    used = {planned.row.client for planned in plan.rows}
    unseen = [client.service for name, client in clients.items() if name in used and not client.supports("list")]
    if journal is None and unseen:
        raise InvalidArgumentError(
            f"{unseen[0]} cannot list its invitations, so only a journal knows whom it has invited: give journal=..."
        )
    begin = partial(Journal.open, roster=plan.roster, clients=identities, changed=options.changed)
    kept = await to_thread.run_sync(begin, journal)
    try:
        limiter = CapacityLimiter(len(clients) * options.max_concurrency + 8)
        return await applied(Task(plan, clients, kept, options, limiter, journal is not None))
    finally:
        kept.close()


@contextmanager
def terminated_gently() -> Generator[None]:
    """SIGTERM ends this as an interrupt does, if nobody else listens for it."""
    if not _is_heard_by_nobody():
        yield
        return

    def end(number: int, _: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


async def awaited_gently(begin: Callable[[], Awaitable[T]]) -> T:
    """What a coroutine brings. SIGTERM cancels it, if nobody else listens for it, and ends the process in order.

    Raises:
        SystemExit: SIGTERM came; the coroutine has ended.
    """
    if not _is_heard_by_nobody():
        return await begin()
    heard: list[int] = []
    results: list[T] = []
    raised: list[BaseException] = []

    async def listen(scope: CancelScope) -> None:
        async for number in signals:
            heard.append(number)
            scope.cancel()

    async with AsyncExitStack() as stack:
        try:
            signals = stack.enter_context(open_signal_receiver(signal.SIGTERM))
        except NotImplementedError:  # asyncio on Windows, where SIGTERM ends a process at once
            return await begin()
        group = await stack.enter_async_context(create_task_group())
        group.start_soon(listen, group.cancel_scope)
        try:
            results.append(await begin())
        except get_cancelled_exc_class():
            raise
        except BaseException as error:  # noqa: BLE001 - raised below, as itself and not in a group
            raised.append(error)
        group.cancel_scope.cancel()
    try:
        if heard:
            raise SystemExit(128 + heard[0])
        if raised:
            raise raised[0]
    finally:
        raised.clear()
    return results[0]


def _is_heard_by_nobody() -> bool:
    """Whether SIGTERM would end the process, and this is the thread that may change that."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
