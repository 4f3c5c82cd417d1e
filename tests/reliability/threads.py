"""The same with real threads that share clients: what happens when is not repeatable, what must hold is."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from invite_sdk import EnsureResult, Invitation, InviteClient, InviteError, OutcomeUnknownError
from invite_sdk.testing import Fault
from tests.reliability.grounds import OPEN, CloudTruthGround, Ground, Step, WaldurGround
from tests.reliability.moved_time import MovedTime

FAULTS: tuple[Fault, ...] = (
    Fault.refuse_connection(),
    Fault.drop_request(),
    Fault.drop_reply(),
    Fault.drop_reply(reset=True),
    Fault.truncated_body(),
    Fault.status(500, after_effect=True),
    Fault.status(503),
    Fault.retry_after(1),
    Fault.html(504, after_effect=True),
    Fault.invalid_json(),
)


@dataclass
class Told:
    """What the callers in all threads were told."""

    returned: set[str] = field(default_factory=set)
    unknown: Counter[str] = field(default_factory=Counter)
    partial: Counter[str] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def storm(seed: int, *, threads: int = 4, calls: int = 12) -> tuple[Told, list[str]]:
    """One run: what was told, and what is wrong."""
    luck = Random(f"threads:{seed}")
    ground: Ground = (
        CloudTruthGround(luck) if seed % 3 == 0 else WaldurGround(luck, "2025" if seed % 3 == 1 else "2026")
    )
    fake, told = ground.fake, Told()
    fake.faults.random(seed=seed, rate=luck.choice((0.1, 0.3)), faults=FAULTS)
    time = MovedTime(fake.clock)
    clients = [InviteClient(fake.connection("owner"), transport=fake.transport()) for _ in range(2)]
    for client in clients:
        time.drive(client)
    steps = [[_step(ground, Random(f"{seed}:{number}:{call}")) for call in range(calls)] for number in range(threads)]
    start = threading.Barrier(threads)

    def work(number: int) -> None:
        start.wait(60)
        for call, step in enumerate(steps[number]):
            _call(clients[(number + call) % 2], step, told)

    running = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(120)
    for client in clients:
        client.close()
    return told, [f"storm {seed}: {words}" for words in _wrong(ground, told)]


def _step(ground: Ground, luck: Random) -> Step:
    ground.luck = luck
    if luck.random() < 0.6:
        return ground.new("ensure", "owner", ground.ensured)
    return ground.new("create", "owner", ground.created)


def _call(client: InviteClient, step: Step, told: Told) -> None:
    email = step.email or ""
    try:
        made: EnsureResult | Invitation = getattr(client, step.operation)(*step.given, **step.named)
    except OutcomeUnknownError:
        with told.lock:
            told.unknown[email] += 1
        return
    except InviteError:
        return
    except Exception as error:  # noqa: BLE001 - nothing but our own errors may come out
        with told.lock:
            told.strange.append(f"{step} raised {type(error).__name__}")
        return
    finally:
        with told.lock:
            told.calls += 1
    found = made.invitation if isinstance(made, EnsureResult) else made
    with told.lock:
        if found.id is None:
            told.partial[email] += 1
        else:
            told.returned.add(found.id)


def _wrong(ground: Ground, told: Told) -> list[str]:
    rows = ground.rows()
    wrong = list(told.strange)
    wrong += [f"{found} was returned and is not there" for found in told.returned - set(rows)]
    untold = Counter(row.email for key, row in rows.items() if key not in told.returned)
    for email, count in untold.items():
        if count > told.unknown[email] + told.partial[email]:
            wrong.append(f"{count} for {email} are on the server, and nobody was told")
    for email in ground.ensured:
        several = [key for key, row in rows.items() if row.email == email and row.state == OPEN]
        if len(several) > 1:
            wrong.append(f"{len(several)} open invitations for {email}")
    return wrong
