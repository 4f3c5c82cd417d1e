"""Interrupts: real signals at random moments of a call, and what works afterwards, from another thread.

After each the same client must still ensure the same person, list and get, within seconds. In a process of its own:
`python -m tests.reliability.interrupts 600`. What else runs in this one, such as pytest, would be hit too.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from operator import methodcaller
from pathlib import Path
from queue import SimpleQueue
from random import Random
from time import perf_counter
from types import FrameType

from invite_sdk import CloudTruth, InviteClient, ZenML
from invite_sdk import testing as fakes
from invite_sdk._flows.claims import claims
from invite_sdk.testing import FakeCloudTruth, FakeService, FakeZenML

PATIENCE = 5.0
"""Seconds after which whoever waits is taken to wait for ever."""
_FAKES = str(Path(fakes.__file__).parent)
_LATER = 50e-6


class SoftTimeLimit(Exception):  # noqa: N818 - named as Celery's
    """As Celery's: an ordinary exception."""


class Failed(BaseException):
    """As pytest's: one that nobody catches by chance."""


KINDS: tuple[type[BaseException], ...] = (KeyboardInterrupt, SoftTimeLimit, Failed)


@dataclass
class Figures:
    """What was seen."""

    calls: int = 0
    interrupted: Counter[str] = field(default_factory=Counter[str])
    twice: int = 0
    """Calls that were hit by a second signal while they gave way to the first."""
    wrong: list[str] = field(default_factory=list[str])

    def as_dict(self) -> dict[str, object]:
        """The numbers by name."""
        kinds = {f"interrupted by {kind}": count for kind, count in sorted(self.interrupted.items())}
        return {"calls": self.calls, **kinds, "of these twice": self.twice, "leaks": len(self.wrong)}


class Striker:
    """Raises in the main thread, a while after a call has begun. The fakes are spared: they are not under test."""

    def __init__(self) -> None:
        self._kind: type[BaseException] | None = None
        self.again = 0.0
        self.strikes = 0

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Listens to the signal while it lasts."""
        before = signal.signal(signal.SIGALRM, self._strike)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def hit(self, call: Callable[[], object], kind: type[BaseException], delay: float, again: float = 0.0) -> bool:
        """Makes a call that is struck after so many seconds, and perhaps once more; returns whether it was."""
        self._kind, self.again, self.strikes = kind, again, 0
        try:
            try:
                signal.setitimer(signal.ITIMER_REAL, delay)
                call()
            finally:
                self._kind = None
        except BaseException:
            # Two in a row make other errors of the standard library's own.
            if not self.strikes:
                raise
            return True
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return False

    def _strike(self, _: int, frame: FrameType | None) -> None:
        if self._kind is None:
            return
        where = frame
        while where is not None:
            if where.f_code.co_filename.startswith(_FAKES) or "importlib" in where.f_code.co_filename:
                signal.setitimer(signal.ITIMER_REAL, _LATER)
                return
            where = where.f_back
        self.strikes += 1
        again, self.again = self.again, 0.0
        if again:
            signal.setitimer(signal.ITIMER_REAL, again)
        raise self._kind


class Witness:
    """Another thread, which does what the caller might do next."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._said: SimpleQueue[BaseException | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def sees(self, call: Callable[[], object]) -> str | None:
        """What goes wrong with a call, if anything does."""
        self._asked.put(call)
        try:
            error = self._said.get(timeout=PATIENCE)
        except Exception:  # noqa: BLE001 - queue.Empty
            return f"nothing after {PATIENCE:.0f} seconds"
        return None if error is None else f"{type(error).__name__}: {error}"

    def close(self) -> None:
        """Lets the thread end."""
        self._asked.put(None)

    def _work(self) -> None:
        while (call := self._asked.get()) is not None:
            try:
                call()
            except BaseException as error:  # noqa: BLE001 - told
                self._said.put(error)
            else:
                self._said.put(None)


@dataclass(frozen=True, slots=True)
class Ground:
    """A client, the calls that are struck, and those that must work afterwards."""

    name: str
    connect: Callable[[], InviteClient]
    before: Callable[[InviteClient], object]
    """What is done before each call."""
    calls: dict[str, Callable[[InviteClient], object]]


def _forget_login(client: InviteClient) -> None:
    client._keeper.token = None


def grounds(stack: ExitStack) -> Iterator[Ground]:
    """A fake in the process and on a socket, and one that must be logged in to."""
    for served in (False, True):
        fake, zenml = FakeCloudTruth(), FakeZenML()
        found = fake.invite("bea@example.org").id
        for number in range(30):
            fake.invite(f"guest{number}@example.org")
        for each in (fake, zenml):
            if served:
                stack.enter_context(each.serve())
        yield Ground(
            "served" if served else "in process",
            _opener(fake, fake.connection("owner"), served),
            lambda _: None,
            {
                "ensure": methodcaller("ensure", "ann@example.org", role="VIEWER"),
                "list": lambda client: client.list(page_size=5).all(),
                "get": methodcaller("get", found),
            },
        )
        row = next(row for row in zenml.invitations if row.email == "ana@example.com")
        yield Ground(
            "served, with a login" if served else "in process, with a login",
            _opener(zenml, zenml.connection("ana", client_credentials=True), served),
            _forget_login,
            {"get": methodcaller("get", row.id), "list": lambda client: client.list().all()},
        )


def _opener(fake: FakeService, connection: CloudTruth | ZenML, served: bool) -> Callable[[], InviteClient]:
    transport = None if served else fake.transport()
    return lambda: InviteClient(connection, transport=transport, deadline=2 * PATIENCE, timeout=PATIENCE)


def run(strikes: int, seed: int = 0) -> Figures:
    """So many calls, each struck at a random moment by one kind or another."""
    figures, luck = Figures(), Random(f"interrupts:{seed}")
    striker = Striker()
    with ExitStack() as stack:
        stack.enter_context(striker.ready())
        for ground in grounds(stack):
            _fight(ground, strikes // 4, luck, striker, figures)
    return figures


def _fight(ground: Ground, strikes: int, luck: Random, striker: Striker, figures: Figures) -> None:
    client, witness = ground.connect(), Witness()
    spans = {name: _span(client, call) for name, call in ground.calls.items()}
    for number in range(strikes):
        name = luck.choice(list(ground.calls))
        call, kind = ground.calls[name], KINDS[number % len(KINDS)]
        again = luck.uniform(2e-6, 3e-4) if luck.random() < 0.3 else 0.0
        ground.before(client)
        figures.calls += 1
        if striker.hit(partial(call, client), kind, luck.uniform(5e-6, 1.2 * spans[name]), again):
            figures.interrupted[kind.__name__] += 1
            figures.twice += striker.strikes > 1
        where = f"{ground.name}: after {kind.__name__} in {name}, "
        wrong = [f"{where}{key} stays claimed" for key in claims.held()]
        ground.before(client)
        for then, follows in ground.calls.items():
            said = witness.sees(partial(follows, client))
            if said is not None:
                wrong.append(f"{where}{then}: {said}")
        if wrong:
            figures.wrong += wrong
            client, witness = ground.connect(), Witness()
    witness.close()
    client.close()


def _span(client: InviteClient, call: Callable[[InviteClient], object]) -> float:
    call(client)
    began = perf_counter()
    call(client)
    return max(1e-3, perf_counter() - began)


if __name__ == "__main__":
    found = run(int(sys.argv[1]))
    sys.stdout.write(json.dumps([found.as_dict(), found.wrong]))
