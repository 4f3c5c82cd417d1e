"""One file a service.

A file here imports its own generated client and the pure parts of the SDK, never another service and never an HTTP
library.
"""
