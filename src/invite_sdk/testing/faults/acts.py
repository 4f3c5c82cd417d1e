"""What a fault does between the request and the answer: each act asks the service, or does not, and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, ClassVar, Protocol, TypeAlias

from invite_clients._times import datetime
from invite_sdk.testing.faults.bodies import with_header, with_next_link
from invite_sdk.testing.messages import FakeClock, FakeRequest, FakeResponse, Headers


class Faulty(Protocol):
    """A fake, as far as faults need it."""

    service: ClassVar[str]
    clock: FakeClock

    @property
    def operations(self) -> tuple[str, ...]:
        """The operationIds of the service."""
        ...

    @property
    def requests(self) -> list[Any]:
        """Every exchange so far."""
        ...

    def operation_of(self, request: FakeRequest, /) -> str | None:
        """The operationId that a request addresses."""
        ...

    def respond(self, request: FakeRequest, /) -> tuple[str | None, FakeResponse]:
        """That operation, and the answer."""
        ...


class Stage:
    """One request at one fake, as a fault sees it."""

    def __init__(self, fake: Faulty, request: FakeRequest) -> None:
        self.fake = fake
        self.request = request
        self.operation = fake.operation_of(request)
        self.answered: FakeResponse | None = None
        """What the service itself said, once it was asked."""

    def respond(self, request: FakeRequest | None = None) -> FakeResponse:
        """Asks the service: now the effect takes place."""
        operation, self.answered = self.fake.respond(request or self.request)
        self.operation = operation or self.operation
        return self.answered


Act: TypeAlias = Callable[[Stage], "FakeResponse | None"]
Edit: TypeAlias = Callable[[FakeResponse], FakeResponse]


def nothing(stage: Stage) -> None:
    """The service is not asked, and there is no answer."""
    del stage


def served(stage: Stage) -> FakeResponse:
    """The service's own answer."""
    return stage.respond()


def edited(edit: Edit, stage: Stage) -> FakeResponse:
    """The service's own answer, changed."""
    return edit(stage.respond())


def answered(made: FakeResponse, stage: Stage) -> FakeResponse:
    """An answer in the service's place, which is not asked."""
    del stage
    return made


def replaced(made: FakeResponse, stage: Stage) -> FakeResponse:
    """An answer in place of the service's, which has done its work."""
    stage.respond()
    return made


def restated(status: int, headers: Headers, stage: Stage) -> FakeResponse:
    """The service's own answer under another status."""
    answer = replace(stage.respond(), status=status)
    for name, value in headers:
        answer = with_header(answer, name, value)
    return answer


def told_to_wait(
    after: float | datetime,
    form: str,
    status: int,
    after_effect: bool,
    stage: Stage,
) -> FakeResponse:
    """A status with `Retry-After`; a date is by the service's clock, which `Date` shows."""
    if after_effect:
        stage.respond()
    now = stage.fake.clock.now()
    moment = after if isinstance(after, datetime) else now + timedelta(seconds=after)
    seconds = max(round((moment - now).total_seconds()), 0)
    value = http_date(moment) if form == "date" else str(seconds)
    return sentence(status, (("Retry-After", value), ("Date", http_date(now))))


def redirected(to: str, status: int, stage: Stage) -> FakeResponse:
    """A redirect to the same path of another origin."""
    return FakeResponse(status, (("Location", to.rstrip("/") + stage.request.target),))


def paged_elsewhere(to: str, stage: Stage) -> FakeResponse:
    """The service's own answer with the next page at another origin."""
    return with_next_link(to, stage.request.target, stage.respond())


def unauthenticated(stage: Stage) -> FakeResponse:
    """The service's own 401, as it answers to a credential that has run out."""
    request = stage.request
    headers = tuple((name, _spoiled(name, value)) for name, value in request.headers)
    if headers != request.headers:
        answer = stage.respond(replace(request, headers=headers))
        if answer.status == 401:
            return answer
    return FakeResponse.json(401, {"detail": "The token has expired."}, (("WWW-Authenticate", "Bearer"),))


def skewed(seconds: float, stage: Stage) -> FakeResponse:
    """The service's own answer while its clock is off; `Date` shows it."""
    clock = stage.fake.clock
    clock.advance(seconds=seconds)
    try:
        return with_header(stage.respond(), "Date", http_date(clock.now()))
    finally:
        clock.advance(seconds=-seconds)


def sentence(status: int, headers: Headers = ()) -> FakeResponse:
    """An error of one sentence, or nothing where the status has no body."""
    if status in {204, 304}:
        return FakeResponse(status, headers)
    try:
        text = HTTPStatus(status).phrase
    except ValueError:
        text = f"Status {status}"
    return FakeResponse.json(status, {"detail": f"{text}."}, headers)


def http_date(moment: datetime) -> str:
    """A time as headers have it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _spoiled(name: str, value: str) -> str:
    """A credential of the same form that nobody has."""
    if name.lower() == "authorization":
        scheme, space, _ = value.partition(" ")
        return f"{scheme}{space}expired"
    if name.lower() == "cookie":
        return "; ".join(f"{pair.partition('=')[0]}=expired" for pair in value.split("; "))
    return value
