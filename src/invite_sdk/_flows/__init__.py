"""What happens between a call and its result, as flows without I/O: retries, credentials, paging, filters, claims.

Nothing here knows a service or an HTTP library. It may import `_errors`, `_model` and `_privacy`.
"""
