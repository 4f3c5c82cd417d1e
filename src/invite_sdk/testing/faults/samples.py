"""One of each fault, for tests that go through all of them."""

from __future__ import annotations

from invite_sdk.testing.faults.kinds import Fault


def every_fault(
    *, seconds: float = 30.0, drip: float = 0.5, size: int = 1_000_000, field: str = "id"
) -> tuple[Fault, ...]:
    """Every kind of fault, in each variant that a caller may take differently.

    Args:
        seconds: how long slow answers take; longer than the caller's patience, or shorter.
        drip: how long each byte of a dripped body takes; less than a caller waits for one.
        size: the bytes of bodies that are too large; more than the caller takes.
        field: the field of an answer that is missing or null.
    """
    return (
        *(Fault.status(status) for status in (400, 404, 408, 409, 500, 502, 520)),
        Fault.status(299, after_effect=True),
        Fault.status(500, after_effect=True),
        Fault.retry_after(seconds),
        Fault.retry_after(seconds, form="date", status=503),
        Fault.retry_after(seconds, status=503, after_effect=True),
        Fault.html(),
        Fault.html(200),
        Fault.html(504, after_effect=True),
        Fault.redirect(),
        Fault.redirect(status=302),
        Fault.expired_token(),
        Fault.clock_skew(3600),
        Fault.clock_skew(-3600),
        Fault.refuse_connection(),
        Fault.drop_request(),
        Fault.drop_request(reset=True),
        Fault.drop_reply(),
        Fault.drop_reply(reset=True),
        Fault.close_keep_alive(),
        Fault.slow_headers(seconds),
        Fault.slow_body(seconds),
        Fault.dripped_body(1, interval=drip),
        Fault.truncated_body(),
        Fault.truncated_body(0),
        Fault.invalid_json(),
        Fault.wrong_content_type(),
        Fault.empty_body(),
        Fault.oversized_body(size),
        Fault.oversized_body(size, chunked=True),
        Fault.compressed_bomb(size),
        Fault.next_link(),
        Fault.unknown_enum(),
        Fault.missing_field(field),
        Fault.null_field(field, every=True),
    )
