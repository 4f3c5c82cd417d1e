"""The ways into a fake: an httpx transport, a respx router, a server on loopback with its control paths.

They know no service and may import `testing.base`, `testing.faults` and `testing.messages`.
"""
