"""An interrupt at every place of a call where Python raises one: counted, not by chance.

Python looks for signals after calls, at the beginning of a function and where a loop goes back. A tracer stops at the
instruction that follows each of these in our own modules, and raises there, unless another handler covers it: a signal
raises where it is looked for.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import invite_sdk

_HERE = Path(invite_sdk.__file__).parent
_ROOMS = ("_clients", "_errors", "_flows", "_http", "_model", "_privacy", "services")
_OURS = frozenset(str(path) for room in _ROOMS for path in (_HERE / room).rglob("*.py") if path.name != "__init__.py")
_LOOKING = frozenset(
    code
    for name, code in dis.opmap.items()
    if name.startswith(("CALL", "RESUME", "JUMP_BACKWARD", "POP_JUMP_BACKWARD"))
)


@cache
def _handlers(code: CodeType) -> list[tuple[int, int, int]]:
    """From which instruction to which one a handler covers them."""
    entries: Any = dis._parse_exception_table(code)  # type: ignore[attr-defined]
    return [(one.start, one.end, one.target) for one in entries]


def _handler(code: CodeType, place: int) -> int | None:
    return next((target for start, end, target in _handlers(code) if start <= place < end), None)


class Places:
    """Raises at one place of a call, by its number.

    Args:
        number: from 0.
        kind: what it raises.
        also: further files whose places count.
    """

    def __init__(self, number: int, kind: type[BaseException], also: frozenset[str] = frozenset()) -> None:
        self._files = _OURS | also
        self._left = number
        self._kind = kind
        self._last: dict[FrameType, int] = {}
        """The instruction before, in each frame."""

    def run(self, call: Callable[[], object]) -> bool:
        """Makes the call; returns whether it has so many places."""
        before = sys.gettrace()  # coverage's
        # Python 3.12 stops at instructions only if a frame asked for it before the tracer was set.
        sys._getframe().f_trace_opcodes = True
        sys.settrace(self._enter)
        try:
            call()
        except BaseException:
            if self._left >= 0:
                raise
        finally:
            sys.settrace(before)
            self._last.clear()
        # Not whether it was raised: what comes up while a generator is thrown away goes nowhere.
        return self._left < 0

    def _enter(self, frame: FrameType, _: str, __: Any) -> Callable[[FrameType, str, Any], Any] | None:
        if frame.f_code.co_filename not in self._files:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._step

    def _step(self, frame: FrameType, event: str, _: Any) -> Callable[[FrameType, str, Any], Any]:
        if event == "opcode":
            before, code = self._last.get(frame), frame.f_code
            self._last[frame] = here = frame.f_lasti
            if (
                before is not None
                and code.co_code[before] in _LOOKING
                and _handler(code, before) == _handler(code, here)
            ):
                self._left -= 1
                if self._left < 0:
                    sys.settrace(None)
                    raise self._kind
        return self._step
