"""The bar that `.all(progress=True)` shows, where tqdm is installed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from invite_clients._times import real_classes

if TYPE_CHECKING:
    import tqdm as bars

    from invite_sdk._flows.effects import LookupPage, Page

Told: TypeAlias = "Callable[[Page | LookupPage[Any]], object]"


@contextmanager
def bar(about: str) -> Generator[Told]:
    """Yields what is told of each page, and closes the bar whatever happens.

    Without tqdm nothing is shown: a listing that takes minutes should not fail for want of a bar.
    """
    try:
        with real_classes():
            from tqdm.auto import tqdm
    except ImportError:
        yield lambda _page: None
        return
    made: bars.tqdm[Any] | None = None
    with ExitStack() as stack:

        def tell(page: Page | LookupPage[Any]) -> None:
            nonlocal made
            count = len(page.rows)
            if made is None:
                # Not before the first page, which says of how many: no notebook's bar takes that later.
                made = stack.enter_context(tqdm(desc=about or None, total=page.total, initial=count, unit=" rows"))
            else:
                made.update(count)

        yield tell
        if made is not None:
            # The service's total counts what filters and limits leave out, too.
            made.total = made.n
            made.refresh()
