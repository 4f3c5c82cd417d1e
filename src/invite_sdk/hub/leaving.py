"""Taking back what is open for one address, at one client."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from anyio import CapacityLimiter, get_cancelled_exc_class

from invite_sdk import (
    AsyncInviteClient,
    InvalidStateError,
    Invitation,
    InvitationList,
    InviteError,
    NotFoundError,
    Status,
    UnsupportedOperationError,
)
from invite_sdk.hub.asking import outcome_of, read, unread
from invite_sdk.hub.calling import AnyClient, call
from invite_sdk.hub.results import ClientResult, Outcome
from invite_sdk.services import address_form

if TYPE_CHECKING:
    from invite_sdk import AsyncPager, Pager

logger = logging.getLogger("invite_sdk")

Heard: TypeAlias = Callable[[str, Invitation, InviteError | None], object]
"""What hears of each invitation that `offboard` has tried to take back, or was kept from by an interrupt: its client's
name, the record as it is now, and why it is still there, if it is."""

_BY_HAND = (Status.ACCEPTED, Status.UNKNOWN)


class Leaving:
    """One client's part of an offboarding.

    Args:
        limiter: how many calls may be under way.
        client: the client.
        email: whose invitations are taken back.
        options: of each call.
        told: hears of each one that was tried.
    """

    def __init__(
        self,
        limiter: CapacityLimiter,
        client: AnyClient,
        email: str,
        options: Mapping[str, object],
        told: Callable[[Invitation, InviteError | None], object] | None,
    ) -> None:
        self._limiter = limiter
        self._client = client
        self._email = email
        self._options = options
        self._told = told
        self._taken = InvitationList()
        self._left = InvitationList()
        self._errors: list[InviteError] = []

    async def run(self, name: str, pager: Pager | AsyncPager, *, dry_run: bool) -> ClientResult:
        """Reads the whole listing, and takes back what is open in it. Nothing is read afterwards."""
        rows, broken = await read(self._limiter, pager)
        doubtful = unread(self._client, pager.problems, self._email)
        # The listing was asked for this address. Whatever it brought, nobody else's invitation is written to.
        opened = [row for row in rows if row.is_open and self._is_hers(row)]
        self._left += [row for row in rows if row.status in _BY_HAND or (row.is_open and not self._is_hers(row))]
        way = self._way()
        if broken is not None or (opened and way is None):
            # Who was not read to the end is not written to: the caller looks first.
            self._errors.append(broken or self._unsupported())
            self._left += opened
        elif dry_run:
            self._taken += opened
        elif way is not None:
            await self._take_back_all(opened, way)
        errors = tuple(self._errors)
        return ClientResult(
            name,
            self._client.service,
            self._outcome(errors, dry_run=dry_run, is_doubtful=doubtful is not None),
            self._taken,
            count=len(self._taken) if dry_run and not errors and doubtful is None else None,
            done=None if dry_run else len(self._taken),
            left=self._left,
            errors=errors if doubtful is None else (*errors, doubtful),
            problems=pager.problems,
        )

    def _is_hers(self, row: Invitation) -> bool:
        return row.email is not None and address_form(row.email) == address_form(self._email)

    def _way(self) -> Literal["cancel", "delete"] | None:
        if self._client.supports("cancel"):
            return "cancel"
        return "delete" if self._client.supports("delete") else None

    def _unsupported(self) -> UnsupportedOperationError:
        error = UnsupportedOperationError(
            "this client can neither cancel nor delete an invitation; take it back in the service itself"
        )
        error.service, error.operation = self._client.service, "cancel"
        return error

    async def _take_back_all(self, opened: Sequence[Invitation], way: Literal["cancel", "delete"]) -> None:
        for place, row in enumerate(opened):
            try:
                await self._take_back(row, way)
            except get_cancelled_exc_class():
                # In a thread the call was waited for, so this one has not begun; of an awaited one nobody knows.
                for late in opened[place + isinstance(self._client, AsyncInviteClient) :]:
                    self._tell(late, InviteError("not tried, since this ended before it"))
                raise

    async def _take_back(self, row: Invitation, way: Literal["cancel", "delete"]) -> None:
        try:
            if way == "delete":
                await call(self._limiter, self._client, "delete", row, **self._options)
                self._take(_as(row, Status.CANCELED))
            else:
                canceled = await call(self._limiter, self._client, "cancel", row, refetch=False, **self._options)
                known = cast("Invitation", canceled)
                self._take(_as(row, known.status) if known.partial else known)
        except NotFoundError:
            # Gone meanwhile: it leads nowhere any more, and nobody says how it ended.
            self._take(_as(row, Status.UNKNOWN))
        except InvalidStateError as refused:
            self._settled(row, refused)
        except InviteError as error:
            self._leave(row, error)

    def _take(self, row: Invitation) -> None:
        self._taken.append(row)
        self._tell(row, None)

    def _leave(self, row: Invitation, error: InviteError) -> None:
        self._errors.append(error)
        self._left.append(row)
        self._tell(row, error)

    def _tell(self, row: Invitation, error: InviteError | None) -> None:
        """Tells a watcher, whose failures are only logged: they must not stop what is to be taken back."""
        if self._told is None:
            return
        try:
            self._told(row, error)
        except Exception as failure:  # noqa: BLE001 - whatever a watcher raises
            logger.warning("a watcher of an offboarding failed with %s", type(failure).__name__)

    def _settled(self, row: Invitation, refused: InvalidStateError) -> None:
        """Files an invitation that was no longer open when it was to be taken back."""
        now = refused.existing
        if now is None or now.is_open:
            self._leave(row, refused)
        elif now.status in _BY_HAND:
            self._left.append(now)
        else:
            self._take(now)

    def _outcome(self, errors: tuple[InviteError, ...], *, dry_run: bool, is_doubtful: bool) -> Outcome:
        if errors:
            return outcome_of(errors)
        if is_doubtful:
            return "unknown"
        if self._taken and not dry_run:
            return "done"
        return "found" if self._taken or self._left else "nothing"


def _as(row: Invitation, status: Status) -> Invitation:
    """The record that was listed, with the status that it has now; the service was not asked for the rest again."""
    return row.model_copy(update={"status": status, "partial": True})
