"""What a hub answers: one result for each client, so that none hides another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args, overload

from invite_sdk import InvitationList, InviteError, Problem
from invite_sdk._framed import Framed
from invite_sdk._html import MAX_ROWS, counted, html_all, html_record, html_table, in_brief
from invite_sdk.hub.tables import text_table
from invite_sdk.services import service_names

if TYPE_CHECKING:
    from invite_sdk._frames import Columns, Rows

Outcome: TypeAlias = Literal["found", "done", "nothing", "unsupported", "failed", "unknown"]

_GOOD = ("found", "done", "nothing")


@dataclass(frozen=True, slots=True)
class ClientResult:
    """What became of one client's part."""

    client: str
    """Its name in the hub."""
    service: str
    outcome: Outcome
    """`found`: there is something. `done`: all that was open is taken back. `nothing`: there is nothing. `unsupported`:
    the service, or this server of it, cannot do this. `failed`: see `errors`. `unknown`: a write may or may not have
    taken effect, or a row that could not be read may be one of those that were asked for."""
    invitations: InvitationList = field(default_factory=InvitationList)
    """Those that were found, also where the listing failed later. Of `offboard` those that were taken back, as they are
    now, and in a dry run those that would be."""
    count: int | None = None
    """How many were counted or found, and in a dry run would be taken back; `None` where that is not known."""
    done: int | None = None
    """How many `offboard` took back."""
    left: InvitationList = field(default_factory=InvitationList)
    """Of `offboard`: those that were accepted, have an unknown status, or could not be taken back: a person's work."""
    errors: tuple[InviteError, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Rows of the listing that could not be used."""

    @property
    def ok(self) -> bool:
        """Whether the outcome is `found`, `done` or `nothing`."""
        return self.outcome in _GOOD

    def _repr_html_(self) -> str:
        return html_all([html_record("One client's result", self.to_dict()), *_html_lists([self])])

    def to_dict(self) -> dict[str, object]:
        """Plain cells: client, service, outcome, the numbers, and the errors as one text."""
        return {
            "client": self.client,
            "service": self.service,
            "outcome": self.outcome,
            "count": self.count,
            "done": self.done,
            "left": None if self.done is None and not self.left else len(self.left),
            "error": "; ".join(map(str, self.errors)) or None,
        }


@dataclass(frozen=True, slots=True, repr=False)
class HubResult(Framed, Sequence[ClientResult]):
    """The results of all clients, in the order of the hub: by position, or by the client's name."""

    results: tuple[ClientResult, ...]

    def __len__(self) -> int:
        return len(self.results)

    @overload
    def __getitem__(self, key: int | str) -> ClientResult: ...
    @overload
    def __getitem__(self, key: slice) -> HubResult: ...
    def __getitem__(self, key: int | str | slice) -> ClientResult | HubResult:
        """One result, by its position or its client's name; or some of them.

        Raises:
            KeyError: there is no client of that name.
        """
        if isinstance(key, slice):
            return HubResult(self.results[key])
        if isinstance(key, str):
            return {result.client: result for result in self.results}[key]
        return self.results[key]

    @property
    def ok(self) -> bool:
        """Whether every client's outcome is `found`, `done` or `nothing`."""
        return all(result.ok for result in self.results)

    @property
    def invitations(self) -> InvitationList:
        """Those of all clients, one client after the other."""
        return InvitationList(row for result in self.results for row in result.invitations)

    @property
    def left(self) -> InvitationList:
        """What `offboard` left to a person, of all clients."""
        return InvitationList(row for result in self.results for row in result.left)

    @property
    def total(self) -> int:
        """What the clients counted, together; of those that counted nothing, how many invitations they have here."""
        return sum(len(result.invitations) if result.count is None else result.count for result in self.results)

    def raise_for_failures(self) -> None:
        """Raises the errors of every client whose outcome is none that is good: nothing where `ok` is true.

        Raises:
            ExceptionGroup: of `InviteError`s, each with a note that names its client.
        """
        failed = [result for result in self.results if not result.ok]
        if not failed:
            return
        for result in failed:
            note = f"client: {result.client}"
            for error in result.errors:
                if note not in getattr(error, "__notes__", ()):
                    error.add_note(note)
        told = ", ".join(f"{result.client} ({result.outcome})" for result in failed)
        raise ExceptionGroup(
            f"{len(failed)} of {len(self)} clients did not answer as asked: {told}",
            [error for result in failed for error in result.errors],
        )

    def to_dicts(self) -> list[dict[str, object]]:
        """A row for each client: client, service, outcome, count, done, left and error."""
        return [result.to_dict() for result in self.results]

    def rows(self, *, mask: bool = False) -> list[dict[str, object]]:
        """A row for each invitation: its `client`, then the unified fields. `mask=True` masks invite keys and links.

        A client without any has no row here: look at `ok`, or at `to_dicts()`.
        """
        return [
            {"client": result.client, **row}
            for result in self.results
            for row in result.invitations.to_dicts(mask=mask)
        ]

    def _table(self, *, mask: bool) -> tuple[Columns, Rows]:  # noqa: ARG002 - every frame masks its texts
        columns: Columns = {
            "client": "text",
            "service": service_names(),
            "outcome": get_args(Outcome),
            **dict.fromkeys(("count", "done", "left"), "number"),
            "error": "text",
        }
        return columns, self.to_dicts()

    def __repr__(self) -> str:
        """A table, a line for each client."""
        return text_table(self.to_dicts()) or "<HubResult of no client>"

    def _repr_html_(self) -> str:
        clients = html_table(counted(len(self), "client"), self.to_dicts())
        return html_all([clients, *_html_lists(self.results)])


def _html_lists(results: Sequence[ClientResult]) -> Iterator[str]:
    """The invitations that some clients have, and those that they left, with the name of the client."""
    found = [(one.client, row) for one in results for row in one.invitations]
    left = [(one.client, row) for one in results for row in one.left]
    for rows, what in ((found, "invitation"), (left, "invitation left")):
        if rows:
            cells = [{"client": client, **in_brief(row.to_dict(mask=True))} for client, row in rows[:MAX_ROWS]]
            yield html_table(counted(len(rows), what), cells, len(rows), "see .rows() and .left")
