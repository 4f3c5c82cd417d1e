"""What importing costs: fresh interpreters, timed from outside."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from time import perf_counter

from benchmarks._data import compact, waldur_row
from benchmarks._measure import Bench, Side, Target

UNIT = "import httpx, pydantic"
WALDUR = "Waldur('https://waldur.example.org', token='t' * 40)"
ROW = compact(waldur_row(0)).decode()
BARE = "a bare interpreter"
ONE_MODEL = "httpx and one pydantic model"
CODE = {
    BARE: "pass",
    UNIT: "import httpx, pydantic",
    ONE_MODEL: "import httpx\nfrom pydantic import BaseModel\nclass M(BaseModel):\n    a: int",
    "import invite_sdk": "import invite_sdk",
    "invite-sdk, Waldur client made": f"from invite_sdk import InviteClient, Waldur\nInviteClient({WALDUR})",
    "invite-sdk, async Waldur client made": (
        f"from invite_sdk import AsyncInviteClient, Waldur\nAsyncInviteClient({WALDUR})"
    ),
    "invite-sdk, one invitation read": (
        "import httpx\nfrom invite_sdk import InviteClient, Waldur\n"
        f"answer = {ROW!r}\n"
        "transport = httpx.MockTransport(lambda request: httpx.Response(200, text=answer))\n"
        f"InviteClient({WALDUR}, transport=transport).get('0' * 32)"
    ),
    "waldur-api-client, one endpoint": (
        "from waldur_api_client import AuthenticatedClient\n"
        "from waldur_api_client.api.user_invitations import user_invitations_list"
    ),
    "stripe": "from stripe import StripeClient",
    "workos": "from workos import WorkOSClient",
    "openai": "from openai import OpenAI",
    "clerk-backend-api": "from clerk_backend_api import Clerk",
    "githubkit": "from githubkit import GitHub",
    "auth0-python": "from auth0.management import Auth0",
}


def prepare(stack: ExitStack) -> Bench:
    """The sides; each is imported once before, so that its bytecode is there."""
    del stack
    for code in CODE.values():
        _fresh(code)
    return Bench(
        "imports",
        "Importing, in a fresh interpreter",
        "ms",
        tuple(Side(name, _sample(code), None if name in (BARE, UNIT) else UNIT) for name, code in CODE.items()),
        rounds=15,
        net_of=BARE,
        targets=tuple(
            Target(f"at most 1.2 of `{UNIT}`", side, "ratio", 1.2)
            for side in ("invite-sdk, Waldur client made", "invite-sdk, async Waldur client made")
        ),
        notes=(
            (
                "Ratios are net of a bare interpreter. `import pydantic` alone loads little: what its users pay shows "
                "with one model. invite-sdk loads its models with the first operation, which the row with one "
                "invitation read pays for. Peers are imported, no client is made; some load more at the first call."
            ),
        ),
    )


def _fresh(code: str) -> None:
    subprocess.run([sys.executable, "-I", "-c", code], check=True, stdin=subprocess.DEVNULL)  # noqa: S603 - ours


def _sample(code: str) -> Callable[[], float]:
    def sample() -> float:
        started = perf_counter()
        _fresh(code)
        return (perf_counter() - started) * 1e3

    return sample
