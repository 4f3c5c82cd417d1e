"""The faults: what may go wrong with one request, each with a name and its settings."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, cast

from invite_clients._times import DateTime, datetime, real_classes
from invite_sdk.testing.faults import acts, bodies
from invite_sdk.testing.faults.bodies import ELSEWHERE
from invite_sdk.testing.faults.wire import PLAIN, Wire
from invite_sdk.testing.messages import FakeResponse, sendable

Effect = Literal["none", "done"]

_MOST = 10**11
"""Seconds or bytes. More than that no clock and no memory takes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with one request. Make one with a method of this class, such as `Fault.status(520)`.

    Over an httpx transport a fault shows as the exception that httpx would raise, over sockets it happens on the wire.
    Two faults are equal when their kinds and settings are.
    """

    kind: str
    """The name of the method that made it."""
    effect: Effect
    """`done`: the service did what was asked (or refused it, as it would). `none`: it never knew of the request."""
    settings: tuple[tuple[str, object], ...] = ()
    """The arguments that it was made with, without those left out."""
    act: acts.Act = field(default=acts.served, repr=False, compare=False)
    wire: Wire = field(default=PLAIN, repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(f'{name}={value!r}' for name, value in self.settings)})"

    def to_dict(self) -> dict[str, object]:
        """The kind and the settings as JSON types; `from_dict` reads it."""
        return {"kind": self.kind, **{name: _plain(value) for name, value in self.settings}}

    @classmethod
    def from_dict(cls, made_of: Mapping[str, object]) -> Fault:
        """The fault of a `kind`, with that method's arguments beside it, as JSON types.

        Raises:
            ValueError: an unknown kind or argument, or a value that does not fit.
        """
        with real_classes():
            from pydantic import ConfigDict, ValidationError, validate_call

        arguments = dict(made_of)
        kind = arguments.pop("kind", None)
        if not isinstance(kind, str) or kind not in KINDS:
            msg = f"no fault of the kind {kind!r}; there are: {', '.join(KINDS)}"
            raise ValueError(msg)
        build = cast("Callable[..., Fault]", getattr(cls, kind))
        if isinstance(after := arguments.get("after"), str):
            with suppress(ValueError):
                arguments["after"] = datetime.fromisoformat(after)
        try:
            return validate_call(config=ConfigDict(strict=True, allow_inf_nan=False))(build)(**arguments)
        except ValidationError as error:
            said = [
                f"{'.'.join(map(str, item['loc']))}: {item['msg']}"
                for item in error.errors(include_url=False, include_context=False, include_input=False)
            ]
            takes = ", ".join(inspect.signature(build).parameters) or "nothing"
            msg = f"{'; '.join(said)}; a fault of the kind {kind} takes {takes}"
        raise ValueError(msg)

    # Answers that the service would not give

    @staticmethod
    def status(
        status: int,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        after_effect: bool = False,
    ) -> Fault:
        """An answer with any status, such as 500, 520 or 299.

        Args:
            status: 200 to 999.
            body: bytes, a text, or anything else as JSON. When left out, the service's own body where a status 2xx
                comes after the effect, and one sentence as JSON otherwise.
            headers: headers to add.
            after_effect: the service does its work before.

        Raises:
            ValueError: a status out of range, or a header that cannot be sent.
        """
        extra = tuple((_sendable(headers=name), _sendable(headers=value)) for name, value in (headers or {}).items())
        settings = _given(status=_checked(status), body=body, headers=headers, after_effect=after_effect)
        if body is None and after_effect and status < 300:
            return Fault("status", "done", settings, partial(acts.restated, status, extra))
        if body is None:
            made = acts.sentence(status, extra)
        elif isinstance(body, bytes | str):
            made = FakeResponse(status, extra, body if isinstance(body, bytes) else body.encode())
        else:
            made = FakeResponse.json(status, body, extra)
        return _instead("status", made, settings, after_effect=after_effect)

    @staticmethod
    def retry_after(
        after: float | DateTime = 1,
        *,
        form: Literal["seconds", "date"] = "seconds",
        status: int = 429,
        after_effect: bool = False,
    ) -> Fault:
        """An answer with `Retry-After`, and with the service's `Date`.

        Args:
            after: seconds from now on the fake's clock, or a moment with a time zone.
            form: how the header says it. A date has whole seconds, and so have seconds.
            status: 429, 503, or any other.
            after_effect: the service does its work before.

        Raises:
            ValueError: a status out of range, or a moment without a time zone.
        """
        if isinstance(after, datetime) and after.tzinfo is None:
            msg = "a moment to retry after needs a time zone"
            raise ValueError(msg)
        if not isinstance(after, datetime):
            _bounded(after=after)
        settings = _given(after=after, form=form, status=_checked(status), after_effect=after_effect)
        act = partial(acts.told_to_wait, after, form, status, after_effect)
        return Fault("retry_after", "done" if after_effect else "none", settings, act)

    @staticmethod
    def html(status: int = 502, *, text: str | None = None, after_effect: bool = False) -> Fault:
        """A page in HTML, as a proxy before the service answers: 502, or 200 from a captive portal."""
        page = text or f"<!doctype html>\n<title>{status}</title>\n<h1>The service could not be reached.</h1>\n"
        settings = _given(status=_checked(status), text=text, after_effect=after_effect)
        return _instead("html", FakeResponse.html(status, page), settings, after_effect=after_effect)

    @staticmethod
    def redirect(to: str = ELSEWHERE, *, status: int = 307) -> Fault:
        """A redirect to the same path at another origin. The service does nothing."""
        settings = _given(to=_sendable(to=to), status=_checked(status))
        return Fault("redirect", "none", settings, partial(acts.redirected, to, status))

    @staticmethod
    def expired_token() -> Fault:
        """The service's own 401, for this request alone, as though its credential had just run out."""
        return Fault("expired_token", "none", (), acts.unauthenticated)

    @staticmethod
    def clock_skew(seconds: float) -> Fault:
        """The service handles this request with its clock off by so many seconds, and `Date` shows it."""
        return Fault("clock_skew", "done", _given(seconds=_bounded(seconds=seconds)), partial(acts.skewed, seconds))

    # The network

    @staticmethod
    def refuse_connection() -> Fault:
        """No connection is made. Over sockets a request is known only after that: there, the connection is reset."""
        return Fault("refuse_connection", "none", (), acts.nothing, Wire(refused=True, lost=True, reset=True))

    @staticmethod
    def drop_request(*, reset: bool = False) -> Fault:
        """The connection ends before the service has the request: no effect, no answer.

        Args:
            reset: it ends with a reset; with an orderly close when left out.
        """
        return Fault("drop_request", "none", _given(reset=reset), acts.nothing, Wire(lost=True, reset=reset))

    @staticmethod
    def drop_reply(*, reset: bool = False) -> Fault:
        """The service does its work, then the connection ends before the answer: its caller cannot tell.

        Args:
            reset: it ends with a reset; with an orderly close when left out.
        """
        return Fault("drop_reply", "done", _given(reset=reset), wire=Wire(lost=True, reset=reset))

    @staticmethod
    def close_keep_alive() -> Fault:
        """The connection is closed after the answer, in silence: the next request on it is lost, without effect.

        Over a transport, which has no connections, that is the next request on the same transport.
        """
        return Fault("close_keep_alive", "done", wire=Wire(stale=True))

    @staticmethod
    def slow_headers(seconds: float) -> Fault:
        """The service does its work; its answer begins so many seconds later."""
        return Fault("slow_headers", "done", _given(seconds=seconds), wire=Wire(wait=_positive(seconds=seconds)))

    @staticmethod
    def slow_body(seconds: float) -> Fault:
        """The body comes so many seconds after the headers."""
        return Fault("slow_body", "done", _given(seconds=seconds), wire=Wire(body_wait=_positive(seconds=seconds)))

    @staticmethod
    def dripped_body(size: int = 1, *, interval: float = 1.0) -> Fault:
        """The body comes in drips of `size` bytes, with `interval` seconds between two. No single wait is long."""
        wire = Wire(piece=int(_positive(size=size)), interval=_positive(interval=interval))
        return Fault("dripped_body", "done", _given(size=size, interval=interval), wire=wire)

    @staticmethod
    def truncated_body(keep: int | None = None) -> Fault:
        """The connection ends within the body, short of its `Content-Length`.

        Args:
            keep: how many bytes arrive, if the body has more; half of them when left out.

        Raises:
            ValueError: a negative number.
        """
        if keep is not None and keep < 0:
            msg = f"keep cannot be negative: {keep}"
            raise ValueError(msg)
        _bounded(keep=keep or 0)
        return Fault("truncated_body", "done", _given(keep=keep), wire=Wire(cut=True, keep=keep))

    # The service's own answer, spoiled

    @staticmethod
    def invalid_json() -> Fault:
        """A body that stops being JSON halfway. It is whole as far as HTTP can tell."""
        return _edit("invalid_json", bodies.as_invalid_json)

    @staticmethod
    def wrong_content_type(content_type: str = "text/plain; charset=utf-8") -> Fault:
        """The same body under another media type."""
        return _edit(
            "wrong_content_type",
            partial(bodies.as_type, _sendable(content_type=content_type)),
            content_type=content_type,
        )

    @staticmethod
    def empty_body() -> Fault:
        """The same status and media type, and no body."""
        return _edit("empty_body", bodies.as_empty)

    @staticmethod
    def oversized_body(size: int, *, chunked: bool = False) -> Fault:
        """A body of `size` bytes: the service's own, and white space after it.

        Args:
            size: bytes.
            chunked: in chunks, without a `Content-Length` that would tell.
        """
        act = partial(acts.edited, partial(bodies.as_oversized, int(_positive(size=size))))
        return Fault("oversized_body", "done", _given(size=size, chunked=chunked), act, Wire(chunked=chunked))

    @staticmethod
    def compressed_bomb(size: int) -> Fault:
        """A small body in gzip that unpacks to `size` bytes: the service's own, and white space after it."""
        return _edit("compressed_bomb", partial(bodies.as_bomb, int(_positive(size=size))), size=size)

    @staticmethod
    def next_link(to: str = ELSEWHERE) -> Fault:
        """A next page at another origin, in the body or the `Link` header, where the service has it."""
        return Fault("next_link", "done", _given(to=to), partial(acts.paged_elsewhere, to))

    @staticmethod
    def unknown_enum(name: str | None = None, *, value: str = "brand_new", every: bool = False) -> Fault:
        """A word that the service has never used, in a field of the first row.

        Args:
            name: the field; the first of `state`, `status`, `execution_state` and `role` when left out.
            value: the word.
            every: in every row.
        """
        edit = partial(bodies.with_unknown_enum, name, value, every)
        return _edit("unknown_enum", edit, name=name, value=value, every=every)

    @staticmethod
    def missing_field(name: str, *, every: bool = False) -> Fault:
        """A field left out of the first row, or of every one, or of the page around them where that has it."""
        return _edit("missing_field", partial(bodies.without_field, name, every), name=name, every=every)

    @staticmethod
    def null_field(name: str, *, every: bool = False) -> Fault:
        """Null for a field of the first row, or of every one, or of the page around them where that has it."""
        return _edit("null_field", partial(bodies.with_null, name, every), name=name, every=every)


KINDS: tuple[str, ...] = tuple(
    name for name, member in vars(Fault).items() if isinstance(member, staticmethod) and not name.startswith("_")
)
"""The kinds of faults, by the names of their methods."""


def _instead(kind: str, made: FakeResponse, settings: tuple[tuple[str, object], ...], *, after_effect: bool) -> Fault:
    if after_effect:
        return Fault(kind, "done", settings, partial(acts.replaced, made))
    return Fault(kind, "none", settings, partial(acts.answered, made))


def _edit(kind: str, edit: acts.Edit, **settings: object) -> Fault:
    return Fault(kind, "done", _given(**settings), partial(acts.edited, edit))


def _given(**settings: object) -> tuple[tuple[str, object], ...]:
    return tuple((name, value) for name, value in settings.items() if value is not None and value is not False)


def _checked(status: int) -> int:
    if not 200 <= status <= 999:
        msg = f"the status of an answer is 200 to 999, not {status}"
        raise ValueError(msg)
    return status


def _positive(**given: float) -> float:
    ((name, number),) = given.items()
    if not number > 0:
        msg = f"{name} must be more than 0: {number}"
        raise ValueError(msg)
    return _bounded(**given)


def _bounded(**given: float) -> float:
    ((name, number),) = given.items()
    if not abs(number) <= _MOST:
        msg = f"{name} must be at most {_MOST}: {number}"
        raise ValueError(msg)
    return number


def _sendable(**given: str) -> str:
    ((name, text),) = given.items()
    if not sendable(text):
        msg = f"{name}: no header can carry {text!r}"
        raise ValueError(msg)
    return text


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.isoformat()
    return cast("object", json.loads(json.dumps(value)))
