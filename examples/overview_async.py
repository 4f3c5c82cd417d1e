"""What is open on several services, asked for at the same time.

    python examples/overview_async.py waldur cloudtruth zenml

The connections come from `INVITE_<SERVICE>_*` variables. One service that fails does not hide the others.
"""

from __future__ import annotations

import asyncio
import sys

from invite_sdk import OPEN_STATUSES, AsyncInviteClient, InvitationList, InviteError


async def open_on(service: str) -> InvitationList | InviteError:
    try:
        async with AsyncInviteClient.from_env(service) as client:
            return await client.list(status=OPEN_STATUSES).all()
    except InviteError as error:
        return error


async def main(*services: str) -> None:
    for service, found in zip(services, await asyncio.gather(*map(open_on, services)), strict=True):
        if isinstance(found, InviteError):
            print(f"{service}: {found}")
        else:
            print(f"{service}: {len(found)} open")
            for invitation in found:
                print(f"  {invitation.email or invitation.organization_name}, until {invitation.expires_at}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("usage: python examples/overview_async.py SERVICE...", file=sys.stderr)
        sys.exit(2)
    asyncio.run(main(*sys.argv[1:]))
