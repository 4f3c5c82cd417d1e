"""What every fake stands on: state, records, clock and effects, the manners of common servers, bodies and dumps.

It may import `testing.faults` and `testing.messages`.
"""
