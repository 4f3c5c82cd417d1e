"""What the flows of one operation need to know of it, of the client and of what has happened so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from invite_clients._runtime import Response
from invite_sdk._errors.bodies import ErrorBody, read_error_body
from invite_sdk._errors.classify import ErrorRule
from invite_sdk._flows.auth import Auth
from invite_sdk._flows.effects import Flow, Outcome, Outgoing
from invite_sdk._flows.options import Options
from invite_sdk._flows.retry import Pause, RetryBudget
from invite_sdk._flows.writes import Writes
from invite_sdk._model.ids import IdKind


@dataclass(slots=True, eq=False, repr=False)
class Context:
    """What the flows of one operation need to know. One is made for each call."""

    service: str
    operation: str
    base_url: str
    auth: Auth
    options: Options
    rules: tuple[ErrorRule, ...]
    writes: Writes
    user_agent: str
    stores_cookies: bool = False
    """Whether the caller's own HTTP client would keep a cookie that an answer sets."""
    deadline_at: float | None = None
    """The moment on the monotonic clock at which the operation must be over; set by its first request."""
    error_body: Callable[[Response], ErrorBody] = read_error_body
    """Reads what the body of a refusal says."""
    throttled: Callable[[Response, float], float | None] = lambda answer, now: None  # noqa: ARG005
    """Finds the refusals that say, in the service's own way, that too much was asked: see `Adapter.throttled`."""
    refused: Callable[[Response], bool | None] = lambda answer: False  # noqa: ARG005
    """Finds the refusals with the status of a success: see `Adapter.refused`."""
    id_kind: IdKind = "uuid"
    """What the service's ids are."""
    title: str = ""
    """The service's name as its makers write it."""
    advice: str = ""
    """What to do when the operation's outcome is unknown."""
    budget: RetryBudget = field(default_factory=RetryBudget)
    """What the repetitions of this client and its children have cost."""
    pause: Pause = field(default_factory=Pause)
    """Until when the service asked them to wait."""
    unpaid: tuple[Outcome, ...] = ()
    """The outcomes of the latest step that stand since the budget is used up."""
    link_hosts: set[str] = field(default_factory=set[str])
    """Hosts beside the service's own whose links are of this service: named by the caller, or by the service."""
    is_watched: bool = False
    """Whether somebody wants to know of every attempt."""
    recheck: Callable[[], Flow[None]] | None = None
    """What must still hold when a write leaves later than at once; it raises where that is not so."""
    attempts: int = 0
    """The number of the latest attempt of the latest step."""
    may_have_taken: bool = False
    """Whether an earlier attempt of the latest write may have taken effect."""
    was_confirmed: bool = False
    """Whether the service has answered the latest write with success: no login's answer counts."""
    answer: Response | None = None
    """The latest write's answer with a status of success, or the beginning of one that broke off."""
    is_reading: bool = False
    """Whether the latest step was no write."""
    was_looked_up: bool = False
    """Whether the state was read back after the latest write."""
    sent: tuple[Outgoing, ...] = ()
    """The latest requests, and those before that had a body: an error may repeat what they hold."""
    gains: bool = False
    """Whether any write may bring an invitation into what is listed, or move it there, by what the caller asked for."""
    narrows: bool = False
    """Whether a change of an invitation may take it out of what is listed."""
    refusals: int | None = None
    """How many logins had been refused when this step first needed one; if there are more now, it tries none itself."""

    def for_login(self, refusals: int) -> Context:
        """The same for a login in between, which is no write of the caller's."""
        if self.refusals is None:
            self.refusals = refusals
        return replace(self, writes=Writes(), sent=())

    def time_left(self, now: float) -> float:
        """Seconds until the deadline."""
        return self.options.deadline if self.deadline_at is None else max(0.0, self.deadline_at - now)

    def renew_deadline(self) -> None:
        """Gives the next page of a listing a deadline of its own. One within another operation shares that one's."""
        if self.operation in ("list", "roles", "scopes"):
            self.deadline_at = self.refusals = None
