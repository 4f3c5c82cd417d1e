"""The paths under `/_fake/` of a served fake: for programs in any language to shape it and to see what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from invite_sdk.testing._fake import FakeRequest, FakeResponse, FakeService
from invite_sdk.testing._faults_control import order, shown
from invite_sdk.testing._wire import read_json_object

PREFIX = "/_fake/"


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
    """

    def __init__(self, fake: FakeService) -> None:
        self._fake = fake
        self._start = _dump(fake)
        self._routes: Mapping[tuple[str, str], Callable[[FakeRequest], object]] = {
            ("GET", "state"): lambda _: fake.dump(),
            ("PUT", "state"): self._load,
            ("POST", "reset"): lambda _: self._reset(),
            ("GET", "requests"): lambda _: self._requests(),
            ("DELETE", "requests"): lambda _: fake.requests.clear(),
            ("GET", "outbox"): lambda _: self._outbox(),
            ("GET", "effects"): lambda _: dict(fake.effects),
            ("GET", "credentials"): lambda _: dict(fake.credentials),
            ("GET", "faults"): lambda _: shown(fake.faults),
            ("POST", "faults"): lambda request: order(fake.faults, read_json_object(request.body)),
            ("DELETE", "faults"): lambda _: fake.faults.clear(),
            ("GET", "clock"): lambda _: fake.clock.now().isoformat(),
            ("POST", "clock"): self._advance,
        }

    def handle(self, request: FakeRequest) -> FakeResponse:
        """Answers one request under `/_fake/`; 204 where there is nothing to say."""
        name = request.path.removeprefix(PREFIX).rstrip("/")
        route = self._routes.get((request.method, name))
        if route is None:
            known = ", ".join(f"{method} {PREFIX}{path}" for method, path in self._routes)
            return FakeResponse.json(404, {"error": f"the control paths are: {known}"})
        try:
            answer = route(request)
        except (ValueError, TypeError) as error:
            return FakeResponse.json(400, {"error": str(error)})
        except NotImplementedError as error:
            return FakeResponse.json(501, {"error": str(error)})
        return FakeResponse(204) if answer is None else FakeResponse.json(200, answer)

    def _load(self, request: FakeRequest) -> None:
        self._fake.load(read_json_object(request.body))

    def _reset(self) -> None:
        self._fake.load(self._fake.dump() if self._start is None else self._start)
        self._fake.faults.clear()

    def _outbox(self) -> object:
        from invite_sdk.testing._dump import to_plain

        return to_plain(self._fake.outbox)

    def _advance(self, request: FakeRequest) -> str:
        step = {name: float(str(value)) for name, value in read_json_object(request.body).items()}
        return self._fake.clock.advance(**step).isoformat()

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


def _dump(fake: FakeService) -> dict[str, object] | None:
    # A fake that cannot dump its state can still be served; only `state` and `reset` are refused.
    try:
        return fake.dump()
    except NotImplementedError:
        return None
