"""The SDK beside its peers: `scripts/bench` runs everything, `scripts/bench NAME...` some of it.

Each module has one bench: `prepare` returns its sides, which are measured in turn, round after round, in a process of
their own. Both sides of a comparison get the same bytes from the same kind of in-process transport, and every field of
what comes back is read.
"""
