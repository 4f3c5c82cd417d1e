"""The clients: what a program holds and calls, synchronous and asynchronous over one facade.

They drive the flows over `_http`, check what a caller gives, and may import every room below; nothing imports them.
"""
