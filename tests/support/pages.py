"""A Waldur listing of a given length, without a server."""

from __future__ import annotations

from collections.abc import Callable

import httpx

ROW = {
    "scope_type": "customer",
    "customer_uuid": "5" * 32,
    "customer_name": "Acme",
    "role_name": "CUSTOMER.OWNER",
    "role_description": "Owner",
    "url": "https://w.example/api/user-invitations/x/",
    "role": "6" * 32,
    "created": "2026-01-05T09:00:00Z",
    "expires": "2026-01-12T09:00:00Z",
    "email": "nina@example.org",
    "state": "pending",
    "error_message": "",
    "execution_state": "OK",
}


def listing(
    pages: int, size: int, *, tell: Callable[[int], object] = lambda _: None
) -> Callable[[httpx.Request], httpx.Response]:
    """Answers for so many full pages; `tell` is told of each page that is asked for."""

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", "1"))
        tell(page)
        if page > pages:
            return httpx.Response(404, json={"detail": "Invalid page."})
        rows = [ROW | {"uuid": f"{page:016x}{row:016x}"} for row in range(size)]
        url = "https://w.example/api/user-invitations/"
        links = (
            f'<{url}?page={page + 1}>; rel="next"'
            if page < pages
            else f'<{url}>; rel="first", <{url}?page={pages}>; rel="last"'
        )
        headers = {"X-Result-Count": str(pages * size), "Link": links}
        return httpx.Response(200, json=rows, headers=headers)

    return answer
