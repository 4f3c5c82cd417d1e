"""Invitations as figures: what became of them, when they were created, how soon they were accepted, what is where.

```python
from invite_sdk import plots

plots.funnel(client.list(), by="organization")
```

They are matplotlib's, which the extra `plots` brings: it draws without a browser and without a foreign host, so the
same figure shows in a notebook and is written to a file by a script (`figure.savefig("funnel.png")`). Charts that a
browser draws are livelier, but need JavaScript from somewhere, and are blank where a notebook is only read.

Each function returns a `matplotlib.figure.Figure` that nothing else knows of: pyplot is not used, so nothing is shown
twice and nothing has to be closed. What a figure could not count stands below it. Invite keys are on none of them.

This room takes public names only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invite_sdk._lazy import lazy

if TYPE_CHECKING:
    from invite_sdk.plots.accepting import time_to_accept
    from invite_sdk.plots.becoming import funnel
    from invite_sdk.plots.clients import overview
    from invite_sdk.plots.weeks import timeline

_HOMES = {
    "invite_sdk.plots.accepting": "time_to_accept",
    "invite_sdk.plots.becoming": "funnel",
    "invite_sdk.plots.clients": "overview",
    "invite_sdk.plots.weeks": "timeline",
}

__all__ = ["funnel", "overview", "time_to_accept", "timeline"]

__getattr__, __dir__ = lazy(__name__, _HOMES)
