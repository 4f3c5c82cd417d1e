"""The one Invitation, its words and lists, and how they show in a notebook or in a frame.

A record knows its service by name only. This room may import `_privacy` and raises no error of the SDK.
"""
