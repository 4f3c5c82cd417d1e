"""What became of a request: the answer, the way that it travels, and the fault that it met."""

from __future__ import annotations

from dataclasses import dataclass

from invite_sdk.testing.faults.kinds import Fault
from invite_sdk.testing.faults.wire import PLAIN, Wire
from invite_sdk.testing.messages import FakeRequest, FakeResponse


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what the fake answered."""

    request: FakeRequest
    response: FakeResponse
    operation: str | None
    """The operationId in the service's specification, or `None` for an unknown path or method."""
    fault: Fault | None = None
    """What went wrong with it, on purpose. The response is the one that left the service; a lost one is here too."""


@dataclass(frozen=True, slots=True)
class FakeReply:
    """An answer and the way that it travels. What leads into a fake carries it out."""

    response: FakeResponse | None
    """`None` where the request never arrived."""
    wire: Wire = PLAIN
    fault: Fault | None = None
