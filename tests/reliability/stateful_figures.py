"""What goes wrong in the schedules, and the figures that they give."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from invite_sdk.testing import Fault

NETWORK: tuple[Fault, ...] = (
    Fault.refuse_connection(),
    Fault.drop_request(),
    Fault.drop_request(reset=True),
    Fault.drop_reply(),
    Fault.drop_reply(),
    Fault.drop_reply(reset=True),
    Fault.close_keep_alive(),
    Fault.slow_headers(5),
    Fault.slow_headers(30),
    Fault.slow_body(30),
    Fault.dripped_body(16, interval=0.5),
    Fault.truncated_body(),
    Fault.truncated_body(0),
)
SICK: tuple[Fault, ...] = (
    Fault.status(408),
    Fault.status(500),
    Fault.status(500, after_effect=True),
    Fault.status(520, after_effect=True),
    Fault.html(502),
    Fault.html(200),
    Fault.html(504, after_effect=True),
    Fault.retry_after(2),
    Fault.retry_after(3, form="date", status=503),
    Fault.retry_after(90),
    Fault.retry_after(2, status=503, after_effect=True),
    Fault.redirect(),
    Fault.expired_token(),
)
THROTTLED: tuple[Fault, ...] = (
    Fault.status(429),
    Fault.status(425),
    Fault.status(403, headers={"Retry-After": "5"}),
    Fault.retry_after(0),
    Fault.retry_after(1),
    Fault.retry_after(1),
    Fault.retry_after(5, form="date"),
    Fault.retry_after(20),
    Fault.retry_after(1, status=503),
    Fault.retry_after(1, status=503, after_effect=True),
    Fault.retry_after(10, status=500),
    Fault.retry_after(31_536_000),
)
SPOILED: tuple[Fault, ...] = (
    Fault.invalid_json(),
    Fault.wrong_content_type(),
    Fault.empty_body(),
    Fault.oversized_body(80_000),
    Fault.next_link(),
    Fault.unknown_enum(),
    Fault.missing_field("id"),
    Fault.missing_field("uuid"),
    Fault.missing_field("email", every=True),
    Fault.missing_field("state"),
    Fault.missing_field("scope_uuid", every=True),
    Fault.missing_field("role"),
    Fault.null_field("email"),
    Fault.null_field("state", every=True),
    Fault.null_field("role", every=True),
)
POOLS = (NETWORK, SICK, THROTTLED, SPOILED, NETWORK + THROTTLED, NETWORK + SICK, NETWORK + SICK + SPOILED)


@dataclass(slots=True)
class Figures:
    """What many schedules showed."""

    schedules: int = 0
    interleaved: int = 0
    """Schedules with more than one call on its way at a time."""
    calls: int = 0
    requests: int = 0
    faults: int = 0
    kinds: Counter[str] = field(default_factory=Counter[str])
    results: int = 0
    refused: int = 0
    """Calls that ended in an error which says that nothing was done."""
    unknown: int = 0
    unknown_taken: int = 0
    """Of those, how many had taken effect."""
    partial: int = 0
    listings: int = 0
    beside: int = 0
    """Listings during which something was written."""
    duplicates: list[str] = field(default_factory=list[str])
    lost: list[str] = field(default_factory=list[str])
    untrue: list[str] = field(default_factory=list[str])
    """Calls whose outcome says what is not so."""

    @property
    def wrong(self) -> list[str]:
        """All that must not be."""
        return [*self.duplicates, *self.lost, *self.untrue]

    def as_dict(self) -> dict[str, object]:
        """For the figures page, and for JSON."""
        return {
            "schedules": self.schedules,
            "interleaved": self.interleaved,
            "calls": self.calls,
            "requests": self.requests,
            "faults": self.faults,
            "kinds of faults": len(self.kinds),
            "results": self.results,
            "of these partial": self.partial,
            "listings": self.listings,
            "of these beside writes": self.beside,
            "refused": self.refused,
            "unknown outcomes": self.unknown,
            "of these had taken effect": self.unknown_taken,
            "duplicates": len(self.duplicates),
            "lost invitations": len(self.lost),
            "untrue outcomes": len(self.untrue),
            "wrong": self.wrong[:20],
        }
