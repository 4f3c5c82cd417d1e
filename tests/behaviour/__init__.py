"""What the behaviour suite needs to run over our services, and what only one of them does.

`worlds/` holds one object a service that knows how to set its fake up; the suite is `invite_sdk.testing.suite`.
`pytest --pyargs invite_sdk.testing.suite.test_ids` runs a part of it.
"""
