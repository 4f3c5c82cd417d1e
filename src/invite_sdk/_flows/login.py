"""Login: a new token where the old one has ended or was refused."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from invite_sdk._errors import tree as errors
from invite_sdk._flows.auth import LoginAuth, NewToken, TokenKeeper
from invite_sdk._flows.context import Context
from invite_sdk._flows.effects import Flow
from invite_sdk._flows.exchange import now, perform


def renew(ctx: Context, keeper: TokenKeeper, refused: str | None) -> Flow[str]:
    """A usable token: one that somebody else has just brought, or else a new one. One such flow runs at a time.

    Raises:
        AuthenticationError: the service refuses the login (400, 401, 403 or 422).
    """
    found = keeper.usable((yield from now()).monotonic, refused)
    if found is not None:
        return found
    keeper.raise_refusal(ctx.refusals or 0)
    try:
        new = yield from _log_in(ctx, cast("LoginAuth", ctx.auth))
    except errors.APIError as error:
        # A wait that is too long for one caller's deadline may be short enough for another's.
        if error.retry_after is None or not isinstance(error, (errors.RateLimitedError, errors.ServerError)):
            keeper.refuse(error)
        raise
    return keeper.keep(new, (yield from now()).monotonic)


def _log_in(ctx: Context, auth: LoginAuth) -> Flow[NewToken]:
    try:
        return (yield from perform(ctx, replace(auth.login(), repeat="safe")))
    except errors.ResponseParseError as error:
        # What could not be read may hold a token all the same.
        error.body = b""
        raise
    except errors.APIError as error:
        if error.status in (400, 403, 422):
            raise _refused_login(error) from None
        raise


def _refused_login(error: errors.APIError) -> errors.AuthenticationError:
    words = f"the login was refused: {error.message}"
    return errors.remade(error, errors.AuthenticationError(words, status=error.status))
