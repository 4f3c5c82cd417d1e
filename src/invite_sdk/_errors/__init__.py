"""The errors, how an answer of a service becomes one, and how the secrets of a request get out of it again.

An error may hold the invitation that is in the way, so this room may import `_model`, and `_privacy`.
"""
