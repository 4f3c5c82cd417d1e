"""The bytes that the sides get: real recorded Waldur rows, and the peers' own rows filled from them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ORIGIN = "https://waldur.example.org"
TOKEN = "0123456789abcdef0123456789abcdef01234567"  # noqa: S105 - made up
PATH = "/api/user-invitations/"
_RECORDED = ROOT / "tests" / "recorded" / "waldur-7.0.7.jsonl"

Row = dict[str, Any]


@cache
def recorded_rows() -> tuple[Row, ...]:
    """The rows of the largest recorded page."""
    for line in _RECORDED.read_text(encoding="utf-8").splitlines():
        exchange = json.loads(line)
        if exchange["name"] == "061_list_page_size_1000":
            rows: list[Row] = json.loads(exchange["response"]["body"])
            return tuple(rows)
    raise LookupError("the recording has no large page")


def waldur_row(number: int) -> Row:
    """One recorded row with an id of its own, in the form that newer servers give it and Waldur's client requires.

    They send `scope_description` and `created_by_image` as well, without which that client raises, and no `tax_number`.
    So 27 keys, all of which every side reads.
    """
    rows = recorded_rows()
    row = {key: value for key, value in rows[number % len(rows)].items() if key != "tax_number"}
    uuid = f"{number + 1:032x}"
    return {
        **row,
        "uuid": uuid,
        "url": f"{ORIGIN}{PATH}{uuid}/",
        "email": f"invitee{number}@example.com",
        "scope_description": "To the moon",
        "created_by_image": None,
    }


def compact(value: object) -> bytes:
    """JSON as the real servers write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class WaldurPages:
    """Pages of any number of Waldur rows, made from one row's bytes: cheap enough not to show in a measurement."""

    def __init__(self, total: int) -> None:
        self.total = total
        mark = "{id}"
        row = waldur_row(0) | {"uuid": mark, "url": f"{ORIGIN}{PATH}{mark}/", "email": f"{mark}@example.com"}
        self._pieces = compact(row).decode().split(mark)

    def page(self, number: int, size: int) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of a page, numbered from 1. Waldur takes at most 300 rows a page."""
        size = min(size, 300)
        first, last = (number - 1) * size, min(number * size, self.total)
        body = ",".join(f"{index + 1:032x}".join(self._pieces) for index in range(first, last))
        return f"[{body}]".encode(), self._headers(number, size)

    def _headers(self, number: int, size: int) -> dict[str, str]:
        pages = -(-self.total // size)
        links = [f'<{ORIGIN}{PATH}?page_size={size}>; rel="first"']
        if number < pages:
            links.append(f'<{ORIGIN}{PATH}?page={number + 1}&page_size={size}>; rel="next"')
        links.append(f'<{ORIGIN}{PATH}?page={pages}&page_size={size}>; rel="last"')
        return {
            "Content-Type": "application/json",
            "X-Result-Count": str(self.total),
            "Link": ", ".join(links),
        }
