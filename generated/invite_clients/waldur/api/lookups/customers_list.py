"""customers_list: its request, and how its answer is read."""

from collections.abc import Sequence
from functools import cache

from ...._runtime import Call, Response, json_request, query
from ...._wire import ADAPTER_CONFIG, TypeAdapter
from ...models.customer import Customer


@cache
def _adapter() -> TypeAdapter[list[Customer]]:
    return TypeAdapter(list[Customer], config=ADAPTER_CONFIG)


def read(response: Response) -> list[Customer]:
    """What a successful answer carries. Raises `ValueError` for a body that is not what the specification says."""
    return _adapter().validate_json(response.body)


def customers_list(
    *,
    field: str | Sequence[str] | None = None,
    name: str | None = None,
    name_exact: str | None = None,
    page: int | None = None,
    page_size: int | None = None,
) -> Call[list[Customer]]:
    """List organizations.

    One page of the organizations that the caller may see, by name.

    Args:
        field: only these fields of each row.
        name: only those whose name contains this text, in any case.
        name_exact: only those of exactly this name, with its case.
        page: the page, counted from 1. A page past the end is answered 404.
        page_size: rows a page, 10 by default. More than 300 is quietly taken as 300.

    Returns:
        a call whose result is `list[Customer]`: one page, as a bare array.
    """
    return Call(
        service="waldur",
        operation="customers_list",
        request=json_request(
            "GET",
            "/api/customers/",
            query=query({"field": field, "name": name, "name_exact": name_exact, "page": page, "page_size": page_size}),
        ),
        success=frozenset({200}),
        public=False,
        repeat="safe",
        reader=read,
    )
