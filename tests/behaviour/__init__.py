"""One suite for every service, sync and async: what the capabilities declare is what the clients do.

`worlds/` holds one object a service that knows how to set its fake up; `ways.py` makes the asynchronous client, on
asyncio and on trio, callable like the synchronous one; the tests know neither.
"""
