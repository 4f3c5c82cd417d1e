"""The behaviour suite: one for every service, sync and async, that what the capabilities declare is what clients do.

It comes with the extra `invite-sdk[authors]`. An author names the worlds to run it over in a `conftest.py`

```python
from pathlib import Path

from doorman_world import DoormanWorld
from invite_sdk.testing.suite import run_over

run_over({"doorman": DoormanWorld}, documents={"doorman": Path(__file__).parents[1] / "openapi" / "doorman.yaml"})
```

and runs it with `pytest --pyargs invite_sdk.testing.suite`. Each test picks the worlds that it concerns: by what their
services declare, and by what a `World` says of itself. Nothing is skipped by hand, and nothing here is loaded unless
somebody asks for it.

`world` is what an author writes, `worlds` picks, `meddler` and `meddling` stand between a client and a fake, `ways`
makes the asynchronous client, on asyncio and on trio, callable like the synchronous one; the tests know neither.
`specification` and `watching` hold every answer of a fake against the service's document. No service is known here.

What only one service does is for tests of its own: `fixtures` and `worlds` serve them too.
"""

from __future__ import annotations

from invite_sdk.testing.suite.watching import Excuse, Finding
from invite_sdk.testing.suite.world import (
    Case,
    Filtered,
    Naming,
    NativeCase,
    Sample,
    World,
    next_link,
    with_header,
    with_next_link,
)
from invite_sdk.testing.suite.worlds import run_over

__all__ = [
    "Case",
    "Excuse",
    "Filtered",
    "Finding",
    "Naming",
    "NativeCase",
    "Sample",
    "World",
    "next_link",
    "run_over",
    "with_header",
    "with_next_link",
]
