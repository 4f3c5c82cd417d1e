"""The command that shows what services can do: capabilities."""

from __future__ import annotations

from typing import Annotated

import typer

from invite_sdk.cli import given
from invite_sdk.cli.completing import services
from invite_sdk.cli.running import Run, command
from invite_sdk.cli.wording import in_words

_OF_ONE = ("operation", "support", "takes", "note")
_ALL_OF_ONE = ("operation", "level", "since", "view", "nearest", "support", "takes", "note")


@command("invite capabilities", "invite capabilities enhance", "invite capabilities waldur --json", asks=False)
def capabilities(
    run: Run,
    service: Annotated[
        str | None, typer.Argument(metavar="[SERVICE]", autocompletion=services, help="A service; all unless given.")
    ] = None,
) -> None:
    """Show what each service can do, or one in detail: its operations, and the parameters that they take."""
    from invite_sdk.services import OPERATIONS, connection_class, service_names

    if service is None:
        known = {name: connection_class(name).adapter_type().capabilities for name in service_names()}
        columns = run.out.columns(("operation", *known))
        rows: list[dict[str, object]] = [
            {"operation": each, **{name: found[each].level for name, found in known.items()}} for each in OPERATIONS
        ]
    else:
        of_one = given.service_class(service, "SERVICE").adapter_type().capabilities
        columns = run.out.columns(_OF_ONE, _ALL_OF_ONE)
        rows = [
            {
                "operation": each,
                "support": in_words(str(of_one[each])),
                "takes": tuple(name for name in of_one[each].parameters if of_one.supports(each, name)),
                **{name: getattr(of_one[each], name) or None for name in ("level", "since", "view", "nearest")},
                "note": in_words(of_one[each].note) or None,
            }
            for each in OPERATIONS
        ]
    run.out.write(rows, columns)
