"""Any answer maps: each success response of the specifications through every operation that reads it, valid and broken.

Everything follows from the seed.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from invite_clients._runtime import Response
from invite_sdk import Invitation, InviteClient, InviteError, OutcomeUnknownError, ResponseParseError
from invite_sdk._flows.effects import Clock, Outcome, Outgoing
from invite_sdk._flows.retry import NO_RETRIES
from invite_sdk.testing.suite.plain import plain
from tests.reliability.bodies import Described, described, dumped, valid
from tests.reliability.readers import ID, READERS, WRITES, Reader, connections
from tests.reliability.spoiling import Headers, broken

LOGIN = b'{"access_token": "a-token-of-a-test", "token_type": "bearer", "expires_in": 3600}'


class Wire:
    """In the place of a client's HTTP: one operation is answered as the test says, all others as they should be."""

    def __init__(self) -> None:
        self.operation = ""
        self.answer = Response(200)
        self.others: Mapping[str, Response] = {}
        self.asked = 0
        self.asked_others = 0
        self.moment = 0.0
        """On the monotonic clock: each answer is read long after the deadlines of those before."""

    def send(self, requests: Sequence[Outgoing]) -> tuple[Outcome, ...]:
        return tuple(self._one(request) for request in requests)

    def _one(self, request: Outgoing) -> Outcome:
        if request.operation == self.operation:
            self.asked += 1
            if self.asked > 1 and "list" in request.operation:
                return Response(200, (), b'{"results": []}' if "cloudtruth" in request.url else b"[]")
            return self.answer
        self.asked_others += 1
        return self.others.get(request.operation, Response(404))

    def now(self) -> Clock:
        return Clock(self.moment, 1_800_000_000.0)

    def monotonic(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing is repeated here")

    def close(self) -> None:
        return None


@dataclass(slots=True)
class Figures:
    """What many bodies showed."""

    bodies: int = 0
    valid: int = 0
    broken: int = 0
    readings: int = 0
    mapped: int = 0
    """Readings with a result."""
    parse_errors: int = 0
    problems: int = 0
    """Rows that were reported."""
    unknown: int = 0
    """Confirmed writes whose outcome is called unknown."""
    responses: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list[str])

    def as_dict(self) -> dict[str, object]:
        """For the figures page, and for JSON."""
        return {
            "responses": len(self.responses),
            "bodies": self.bodies,
            "valid": self.valid,
            "broken": self.broken,
            "readings": self.readings,
            "mapped": self.mapped,
            "parse errors": self.parse_errors,
            "reported rows": self.problems,
            "unknown outcomes": self.unknown,
            "anything else": len(self.wrong),
            "wrong": self.wrong[:20],
        }


class Trial:
    """Clients over one wire, and what they make of answers."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.wire = Wire()
        self.clients: dict[str, InviteClient] = {}
        for name, connection in connections().items():
            client = InviteClient(connection, retry=NO_RETRIES)
            client._http = self.wire  # type: ignore[assignment]
            self.clients[name] = client

    def body(self, of: Described, luck: Random, *, is_valid: bool) -> None:
        """One body through all of its readers."""
        value = None if of.schema is None else valid(of.service, of.schema, luck)
        kind = "valid"
        headers: Headers = ()
        raw = b"" if of.schema is None else dumped(value)
        if is_valid and of.may_be_empty and luck.random() < 0.1:
            raw = b""
        if not is_valid:
            kind, raw, headers = broken(value, luck)
        elif of.operation == "user_invitations_count":
            headers = (("X-Result-Count", str(luck.randrange(1000))),)
        self.figures.bodies += 1
        self.figures.valid += is_valid
        self.figures.broken += not is_valid
        self.figures.responses.add(f"{of.service} {of.operation} {of.status}")
        answer = Response(of.status, (("Content-Type", "application/json"), *headers), raw)
        firm = luck.random() < 0.5
        for reader in READERS[of.operation]:
            self._read(of, reader, answer, kind, firm=firm)

    def _read(self, of: Described, reader: Reader, answer: Response, kind: str, *, firm: bool) -> None:
        self.figures.readings += 1
        wire, client = self.wire, self.clients[of.service]
        wire.operation, wire.answer, wire.asked = of.operation, answer, 0
        wire.moment += 3_600.0
        wire.others = {name: one for name, one in OTHERS.items() if firm or name not in READS}
        if of.service == "zenml":
            # A token of its own for every reading of a login.
            client._keeper.__init__()  # type: ignore[misc]
        client._facade.shared.names.clear()
        problems = 0
        try:
            result = reader.drive(client)
            if reader.is_listing:
                pager: Any = result
                result = pager.all()
                problems = len(pager.problems)
            repr(result)
            if reader.name != "native":
                self._use(result)
        except ResponseParseError as error:
            self.figures.parse_errors += 1
            self._check_error(error)
            if reader.is_write:
                self._wrong(of, reader, kind, answer, f"a confirmed write looks failed: {error}")
            elif kind == "valid" and ResponseParseError not in reader.also:
                self._wrong(of, reader, kind, answer, f"a valid body is refused: {error}")
            return
        except OutcomeUnknownError as error:
            self.figures.unknown += 1
            self._check_error(error)
            if kind == "valid" or of.operation not in WRITES:
                self._wrong(of, reader, kind, answer, f"{error}")
            return
        except InviteError as error:
            self._check_error(error)
            if not isinstance(error, reader.also):
                self._wrong(of, reader, kind, answer, f"{type(error).__name__}: {error}")
            return
        except Exception as error:  # noqa: BLE001 - this is what must not be
            self._wrong(of, reader, kind, answer, f"{type(error).__name__} escapes: {error}")
            return
        self.figures.mapped += 1
        self.figures.problems += problems
        if reader.is_listing:
            rows = _rows(answer.body)
            told = len(list(result)) + problems  # type: ignore[call-overload]
            if (kind == "valid" and problems) or (rows is not None and told > rows):
                self._wrong(of, reader, kind, answer, f"{rows} rows became {told}, {problems} of them problems")

    def _use(self, result: object) -> None:
        """What callers do with a result."""
        plain(result)
        rows = result if isinstance(result, list) else (result, getattr(result, "invitation", None))
        for found in (row for row in rows if isinstance(row, Invitation)):
            hash(found)
            assert found == found.model_copy()
            assert isinstance(found.is_overdue, bool)
            assert isinstance(found.is_resendable, bool)
            found._repr_html_()
            found.to_dict()
            Invitation.model_validate_json(found.model_dump_json())

    def _check_error(self, error: InviteError) -> None:
        assert str(error)
        assert str(pickle.loads(pickle.dumps(error))) == str(error)

    def _wrong(self, of: Described, reader: Reader, kind: str, answer: Response, words: str) -> None:
        self.figures.wrong.append(
            f"{of.service} {of.operation} through {reader.name}, {kind}: {words[:300]} | {answer.body[:200]!r}"
            f" {answer.headers[1:]}"
        )


def _rows(body: bytes) -> int | None:
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    value = value.get("results") if isinstance(value, dict) else value
    return len(value) if isinstance(value, list) else None


READS = ("user_invitations_retrieve", "user_invitations_details_retrieve", "get_invitation", "validate_invite")
"""The operations that are read after a write, and may fail to be."""


def _others() -> dict[str, Response]:
    """A good answer to every operation."""
    luck = Random("others")
    found: dict[str, Response] = {}
    for of in described():
        if of.operation in found:
            continue
        body = b"" if of.schema is None else dumped(valid(of.service, of.schema, luck))
        if of.operation in ("user_invitations_list", "list_invitations"):
            body = b"[]"
        if of.operation == "invitations_list":
            body = b'{"count": 0, "next": null, "previous": null, "results": []}'
        if of.operation == "auth_login":
            body = LOGIN
        if of.operation == "invitations_retrieve":
            row = json.loads(body)
            body = dumped({**row, "id": ID, "state": "pending"})
        found[of.operation] = Response(of.status, (("Content-Type", "application/json"),), body)
    return found


OTHERS = _others()


def run(bodies: int, seed: int = 0, *, share: float = 0.3) -> Figures:
    """So many bodies, evenly over all responses; a share of them valid."""
    figures = Figures()
    trial = Trial(figures)
    responses = list(described())
    for number in range(bodies):
        luck = Random(f"answers:{seed}:{number}")
        trial.body(responses[number % len(responses)], luck, is_valid=luck.random() < share)
    return figures
