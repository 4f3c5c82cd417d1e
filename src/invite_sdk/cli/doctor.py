"""The command that looks for what is wrong between here and a service: doctor."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING

from invite_sdk.cli.codes import Code
from invite_sdk.cli.failing import code_of
from invite_sdk.cli.probing import probe
from invite_sdk.cli.running import Run, command
from invite_sdk.cli.wording import told

if TYPE_CHECKING:
    from invite_sdk import AttemptEvent, InviteClient
    from invite_sdk.cli.choosing import Meant

_FINDINGS = ("finding", "what", "detail")
_NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
_MOST_APART = 60
"""Seconds by which two clocks may differ: tokens live for minutes."""


class _Watch:
    """The answers that came, with the time here when each was told of."""

    def __init__(self) -> None:
        self.answers: list[tuple[AttemptEvent, float]] = []

    def __call__(self, event: AttemptEvent) -> None:
        if event.phase == "after" and event.status is not None:
            self.answers.append((event, time.time()))


@command("invite doctor", "invite doctor --profile cloud", "invite doctor --json")
def doctor(run: Run) -> int:
    """Look for what is wrong: which profile is meant, whether its server answers and its credential works, the clock.

    Nothing secret is shown. It ends with the code of the worst that was found; a warning is none.
    """
    columns = run.out.columns(_FINDINGS)
    codes: list[Code] = []
    run.out.write(_found(run, codes), columns, whole=False)
    return max(codes, default=Code.DONE)


def _found(run: Run, codes: list[Code]) -> Iterator[dict[str, object]]:
    from invite_sdk import InviteError, __version__
    from invite_sdk.cli.choosing import named, of_one, one

    yield _finding("ok", "versions", f"Python {platform.python_version()}, invite-sdk {__version__}, {_httpx()}")
    yield _finding("ok", "network", _network())
    watch = _Watch()
    try:
        meant = one(named(run.common))
        yield _finding("ok", "profile", _described(run, meant))
        made = of_one(meant, [*run.hooks(), watch], allow_http=run.common.allow_http)
    except InviteError as error:
        codes.append(code_of(error))
        run.tell_machines(error)
        yield _finding("failed", "settings", told(error))
        return
    with made:
        yield _finding("ok", "service", f"{made.service} at {made.base_url}")
        yield from _asked(run, made, watch, codes)


def _asked(run: Run, client: InviteClient, watch: _Watch, codes: list[Code]) -> Iterator[dict[str, object]]:
    from invite_sdk import AuthenticationError, InviteError, PermissionDeniedError

    failed: InviteError | None = None
    read: str | None = None
    try:
        read = probe(client, run.call)
    except InviteError as error:
        codes.append(code_of(error))
        run.tell_machines(error)
        failed = error
    if not watch.answers:
        yield _finding("failed", "server", "nothing was sent" if failed is None else told(failed))
        return
    event, here = watch.answers[-1]
    said = "" if event.server is None else f", by {event.server}"
    yield _finding("ok", "server", f"it answered within {event.seconds or 0:.2f} s{said}")
    if isinstance(failed, (AuthenticationError, PermissionDeniedError)):
        yield _finding("failed", "credential", told(failed))
    elif failed is not None:
        yield _finding("failed", "request", told(failed))
    elif read is None:
        yield _finding(
            "unknown", "credential", f"{client.service} has nothing to read with it: only creating would tell"
        )
    else:
        yield _finding("ok", "credential", f"it works: {read} was answered")
    if event.answered_at is not None:
        yield _clock(here - event.answered_at)


def _described(run: Run, meant: Meant) -> str:
    """Which settings are meant, why those, and where they are. A secret is named by where it is."""
    from invite_sdk import Profiles

    if not meant.profiles:
        [service] = meant.services
        names = [name for name, value in os.environ.items() if value and name.startswith(f"INVITE_{service.upper()}_")]
        return f"none, but the variables {', '.join(sorted(names))}"
    profiles = Profiles.read()
    profile = profiles.get(meant.profiles[0])
    if run.common.profile:
        why = "by --profile"
    elif os.environ.get("INVITE_PROFILE", "").strip():
        why = "by INVITE_PROFILE"
    else:
        why = "the default" if profiles.default == profile.name else "the only one"
    held = ", ".join(f"{name} in {value}" for name, value in profile.settings.items() if not isinstance(value, str))
    return f"{profile.name} ({why}) in {profile.path}; {held or 'no secret is named'}"


def _clock(apart: float) -> dict[str, object]:
    if abs(apart) <= _MOST_APART:
        return _finding("ok", "clock", f"within {_MOST_APART} s of the server's")
    side = "ahead of" if apart > 0 else "behind"
    said = f"{abs(apart):.0f} s {side} the Date of the server's answer: set the one that is wrong"
    return _finding("warning", "clock", f"{said}; that of a fake stands still")


def _network() -> str:
    names = [name for word in _NETWORK for name in (word.lower(), word) if os.environ.get(name)]
    return f"set: {', '.join(names)}" if names else "no variables for proxies or certificates are set"


def _httpx() -> str:
    return f"httpx {version('httpx')}"


def _finding(finding: str, what: str, detail: str) -> dict[str, object]:
    return {"finding": finding, "what": what, "detail": detail}
