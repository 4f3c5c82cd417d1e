"""`python -m invite_sdk.cli` is `invite`."""

from __future__ import annotations

from invite_sdk.cli.main import main

if __name__ == "__main__":
    main()
