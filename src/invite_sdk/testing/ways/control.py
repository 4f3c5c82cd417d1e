"""The paths under `/_fake/` of a served fake: for programs in any language to shape it and to see what it did."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Mapping
from typing import cast
from urllib.parse import unquote, urlsplit

from invite_sdk.testing.base.fake import Fake
from invite_sdk.testing.base.wire import read_json
from invite_sdk.testing.faults.control import order, shown
from invite_sdk.testing.messages import FakeRequest, FakeResponse
from invite_sdk.testing.ways.control_calls import call, described, perform, to_json
from invite_sdk.testing.ways.control_hosts import ControlHosts, is_absolute

PREFIX = "/_fake/"
_DO = "do/"


class Control:
    """Answers the control requests of one fake.

    - `GET /_fake/state` and `PUT /_fake/state`: the dump, and loading one.
    - `POST /_fake/reset`: back to the state when the server started, without faults.
    - `GET /_fake/requests` and `DELETE /_fake/requests`: what was asked and answered.
    - `GET /_fake/outbox`: the mails. `GET /_fake/effects`: the counts.
    - `GET /_fake/credentials`: the header line of each user.
    - `GET /_fake/faults`: what is planned, what of it is unused, and what went wrong. `POST /_fake/faults` plans more:
      `{"fault": {"kind": "status", "status": 520}, "on": "…", "nth": 1, "times": 1}`, or at random
      `{"faults": [{"kind": "drop_reply"}], "seed": 1, "rate": 0.2, "on": "…"}`. `DELETE /_fake/faults` forgets them.
    - `GET /_fake/clock` and `POST /_fake/clock` with `{"days": 8}` (or hours, minutes, seconds).
    - `GET /_fake/do`: the methods that this fake has beside those of every fake, such as `invite`.
      `POST /_fake/do/NAME` calls one, with its arguments by name: `{"email": "ana@example.com"}`.

    Wrong arguments are a 400 that says what is wrong. Whom `hosts` does not know gets a 403.
    """

    def __init__(self, fake: Fake, hosts: ControlHosts | None = None) -> None:
        self._fake = fake
        self._hosts = hosts or ControlHosts()
        self._start = _dump(fake)
        self._routes: Mapping[tuple[str, str], Callable[[FakeRequest], object]] = {
            ("GET", "state"): lambda _: fake.dump(),
            ("PUT", "state"): lambda request: fake.load(_object(request.body)),
            ("POST", "reset"): lambda _: self._reset(),
            ("GET", "requests"): lambda _: self._requests(),
            ("DELETE", "requests"): lambda _: fake.requests.clear(),
            ("GET", "outbox"): lambda _: to_json(fake.outbox),
            ("GET", "effects"): lambda _: dict(fake.effects),
            ("GET", "credentials"): lambda _: dict(fake.credentials),
            ("GET", "faults"): lambda _: shown(fake.faults),
            ("POST", "faults"): lambda request: order(fake.faults, _object(request.body)),
            ("DELETE", "faults"): lambda _: fake.faults.clear(),
            ("GET", "clock"): lambda _: fake.clock.now().isoformat(),
            ("POST", "clock"): self._advance,
            ("GET", "do"): lambda _: described(fake),
        }

    @staticmethod
    def takes(request: FakeRequest) -> bool:
        """Whether a request is for a control path."""
        return _path(request).startswith(PREFIX)

    def handle(self, request: FakeRequest) -> FakeResponse:
        """Answers one request under `/_fake/`; 204 where there is nothing to say."""
        if refusal := self._hosts.refusal(request):
            text = f"the control paths are for this machine, and this request is refused: {refusal}; see control_hosts"
            return _json(403, {"error": text})
        name = _path(request).removeprefix(PREFIX).rstrip("/")
        try:
            if name.startswith(_DO) and request.method == "POST":
                answer = perform(self._fake, name.removeprefix(_DO), _object(request.body))
            elif route := self._routes.get((request.method, name)):
                answer = route(request)
            else:
                known = ", ".join(f"{method} {PREFIX}{path}" for method, path in self._routes)
                return _json(404, {"error": f"the control paths are: {known}, POST {PREFIX}{_DO}NAME"})
            return FakeResponse(204) if answer is None else _json(200, answer)
        except NotImplementedError as error:
            return _json(501, {"error": _words(error)})
        except Exception as error:  # noqa: BLE001 - a fake does what it is told; what it cannot do was told wrongly
            return _json(400, {"error": _words(error)})

    def _advance(self, request: FakeRequest) -> str:
        call(self._fake.clock.advance, _object(request.body))
        return self._fake.clock.now().isoformat()

    def _reset(self) -> None:
        self._fake.load(self._fake.dump() if self._start is None else self._start)
        self._fake.faults.clear()

    def _requests(self) -> list[dict[str, object]]:
        return [
            {
                "method": exchange.request.method,
                "target": exchange.request.target,
                "headers": [list(pair) for pair in exchange.request.headers],
                "body": exchange.request.body.decode("utf-8", "replace"),
                "operation": exchange.operation,
                "status": exchange.response.status,
                "response_headers": [list(pair) for pair in exchange.response.headers],
                "response_body": exchange.response.body.decode("utf-8", "replace"),
                "fault": exchange.fault.to_dict() if exchange.fault else None,
            }
            for exchange in self._fake.requests
        ]


def _dump(fake: Fake) -> dict[str, object] | None:
    # A fake that cannot dump its state can still be served; only `state` and `reset` are refused.
    try:
        return fake.dump()
    except NotImplementedError:
        return None


def _path(request: FakeRequest) -> str:
    """The path of a request, also where its target is a whole URL; nothing where that is none."""
    if not is_absolute(request.target):
        return request.path
    try:
        return unquote(urlsplit(request.target).path)
    except ValueError:
        return ""


def _object(body: bytes) -> dict[str, object]:
    """The JSON object of a body, or an empty one where there is none.

    Raises:
        ValueError: the body is something else, or holds what no JSON should: half of a surrogate pair, a number without
            bounds.
    """
    value = read_json(body.removeprefix(codecs.BOM_UTF8) or b"{}")
    if not isinstance(value, dict):
        raise ValueError(f"send a JSON object, not a {type(value).__name__}")
    given = cast("dict[str, object]", value)
    for name, item in given.items():
        try:
            json.dumps({name: item}, ensure_ascii=False, allow_nan=False).encode()
        except ValueError as error:
            raise ValueError(f"{ascii(name)[1:-1]}: {error}") from None
    return given


def _json(status: int, value: object) -> FakeResponse:
    body = json.dumps(value, separators=(",", ":")).encode()
    return FakeResponse(status, (("Content-Type", "application/json"),), body)


def _words(error: Exception) -> str:
    # The text of a KeyError is its argument's repr.
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return text or type(error).__name__
