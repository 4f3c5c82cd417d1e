"""Where the figures come from: the machine, its load, and every version that matters."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "invite-sdk",
    "httpx",
    "httpx2",
    "httpcore",
    "pydantic",
    "pydantic-core",
    "anyio",
    "typer",
    "waldur-api-client",
    "githubkit",
    "workos",
    "clerk-backend-api",
    "auth0-python",
    "openai",
    "stripe",
)


def machine() -> dict[str, object]:
    """The machine as far as it shows."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load": [round(one, 2) for one in os.getloadavg()] if hasattr(os, "getloadavg") else None,
    }


def versions() -> dict[str, str]:
    """The versions of what takes part."""
    found: dict[str, str] = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    said = re.search(r"^model name\s*:\s*(.+)$", path.read_text(), re.MULTILINE) if path.exists() else None
    return said[1] if said else platform.processor() or "unknown"
