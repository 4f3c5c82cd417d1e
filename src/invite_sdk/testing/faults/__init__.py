"""What may go wrong with a request of a fake: the kinds of faults, their plans, and what they do to an answer.

It knows no service and may import `testing.messages` only.
"""
