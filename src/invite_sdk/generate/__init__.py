"""Makes a package of clients from OpenAPI documents: `python -m invite_sdk.generate`, with the extra `authors`.

`making` runs openapi-python-client with the templates in `templates`, `specification` derives its input, `rendering` is
what the templates call, `output` formats and compares. Nothing here knows the SDK, and the SDK knows nothing of it.
"""
