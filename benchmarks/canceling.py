"""Calls that are canceled at random moments, over real connections: what fails afterwards, and what is left.

By itself it takes how many: `python -m benchmarks.canceling 4000`. In a process of its own for each side.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

import httpx

from benchmarks._data import PATH, ROOT, TOKEN, WaldurPages
from benchmarks._measure import Bench, Side, Target
from invite_sdk import NO_RETRIES, AsyncInviteClient, Waldur

CANCELED, AT_ONCE, AFTERWARDS = 34_000, 50, 100
_FILES = Path("/proc/self/fd")
_PAGE = re.compile(rb"[?&]page=(\d+)")
_SIDES = {"httpx": "httpx", "invite-sdk": "sdk"}
_ASKED = {"calls that fail": "failed", "sockets left": "sockets"}


def prepare(stack: ExitStack) -> Bench:
    """The sides."""
    del stack
    told: dict[tuple[str, int], dict[str, float]] = {}
    sides = [
        Side(f"{name}: {asked}", _sample(side, key, told))
        for name, side in _SIDES.items()
        for asked, key in _ASKED.items()
    ]
    return Bench(
        "canceling",
        f"{CANCELED:,} canceled calls a round, {AT_ONCE} at once",
        "of them",
        tuple(sides),
        rounds=3,
        targets=tuple(Target("none", f"invite-sdk: {asked}", "value", 0.0) for asked in _ASKED),
        notes=(
            (
                f"A call lists three pages over loopback. Afterwards {AFTERWARDS} calls at once are left alone, and "
                "those that fail are counted; then the client is closed, and the sockets are counted that are left."
            ),
        ),
    )


def _sample(side: str, key: str, told: dict[tuple[str, int], dict[str, float]]) -> Callable[[], float]:
    rounds = 0

    def sample() -> float:
        nonlocal rounds
        rounds += 1
        if (side, rounds) not in told:  # one process tells both
            command = [sys.executable, "-m", "benchmarks.canceling", str(CANCELED), side]
            done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
            failed, sockets = map(float, done.stdout.split())
            told[side, rounds] = {"failed": failed, "sockets": sockets}
        return told[side, rounds][key]

    return sample


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    pages, luck = WaldurPages(60), Random(3)  # noqa: S311 - no secret
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            asked = _PAGE.search((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0])
            body, headers = pages.page(int(asked[1]) if asked else 1, 20)
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            await asyncio.sleep(luck.random() * 0.002)
            writer.write(f"HTTP/1.1 200 OK\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
    writer.close()


async def _server() -> None:
    async with await asyncio.start_server(_serve, "127.0.0.1", 0, backlog=512) as server:
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


async def cancel(call: Callable[[], Awaitable[object]], canceled: int) -> int:
    """Cancels so many calls, and tells how many of those fail that are left alone afterwards."""
    luck, cut = Random(9), 0  # noqa: S311 - no secret

    async def one() -> None:
        nonlocal cut
        try:
            await asyncio.wait_for(call(), luck.random() ** 2 * 0.15)
        except TimeoutError:
            cut += 1

    while cut < canceled:
        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    results = await asyncio.gather(*(call() for _ in range(AFTERWARDS)), return_exceptions=True)
    return sum(isinstance(result, BaseException) for result in results)


def sockets() -> int:
    """How many sockets this process has, where the system tells."""
    found = 0
    for file in _FILES.iterdir() if _FILES.exists() else ():
        with suppress(OSError):
            found += str(file.readlink()).startswith("socket:")
    return found


async def measure(side: str, canceled: int, url: str) -> tuple[int, int]:
    """How many calls fail afterwards, and how many sockets are left."""
    before = sockets()
    if side == "sdk":
        async with AsyncInviteClient(Waldur(url, token=TOKEN), retry=NO_RETRIES, timeout=5) as ours:
            failed = await cancel(lambda: ours.list(page_size=20).all(), canceled)
    else:
        async with httpx.AsyncClient(timeout=5) as plain:

            async def pages() -> None:
                for number in range(1, 4):
                    (await plain.get(f"{url}{PATH}?page={number}&page_size=20")).raise_for_status()

            failed = await cancel(pages, canceled)
    await asyncio.sleep(0.1)
    return failed, sockets() - before


def main(canceled: int, *sides: str) -> None:
    """Measures sides, and prints what they lost."""
    command = [sys.executable, "-m", "benchmarks.canceling", "serve"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        try:
            port = server.stdout.readline() if server.stdout else ""
            url = f"http://127.0.0.1:{int(port)}"
            for side in sides or _SIDES.values():
                failed, left = asyncio.run(measure(side, canceled, url))
                sys.stdout.write(f"{failed} {left}\n")
        finally:
            server.terminate()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        with suppress(KeyboardInterrupt):
            asyncio.run(_server())
    else:
        main(int(sys.argv[1]), *sys.argv[2:])
