"""The bar that `.all(progress=True)` shows, where tqdm is installed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from invite_clients._times import real_classes

if TYPE_CHECKING:
    import tqdm as bars

    from invite_sdk._flows.effects import LookupPage, Page

Told: TypeAlias = "Callable[[Page | LookupPage[Any]], object]"


@contextmanager
def bar(about: str) -> Generator[Told]:
    """Yields what is told of each page, and closes the bar whatever happens.

    Where it cannot be shown, without tqdm or without an open stderr, nothing is: a listing that takes minutes should
    not fail for want of a bar.
    """
    make = _tqdm()
    made: bars.tqdm[Any] | None = None

    def tell(page: Page | LookupPage[Any]) -> None:
        nonlocal make, made
        if make is None:
            return
        count = len(page.rows)
        try:
            if made is None:
                # Not before the first page, which says of how many: no notebook's bar takes that later.
                made = make(desc=about or None, total=page.total, initial=count, unit=" rows")
            else:
                made.update(count)
        except Exception:  # noqa: BLE001 - whatever a closed stderr or a notebook without widgets raises
            make = None

    try:
        yield tell
        if made is not None and make is not None:
            # The service's total counts what filters and limits leave out, too.
            made.total = made.n
            with suppress(Exception):
                made.refresh()
    finally:
        if made is not None:
            with suppress(Exception):
                made.close()


def _tqdm() -> type[bars.tqdm[Any]] | None:
    try:
        with real_classes():
            from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm
