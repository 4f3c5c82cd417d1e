"""The list of people that a command is about: its options, the file it is read from, and its policy."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from invite_sdk.cli import given

if TYPE_CHECKING:
    from invite_sdk import Hub, Plan, Policy, Roster

_STDIN = "-"
UTF_8 = "utf-8"
_SPANS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

_COLUMNS = "Its columns: email, role, organization, scope, scope_type, name, message, client, extra.FIELD."

File = Annotated[
    str, typer.Argument(metavar="FILE", help=f"The list, as CSV or JSON Lines; - reads CSV from stdin. {_COLUMNS}")
]
FileOrPlan = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="The list, as CSV or JSON Lines, or a plan of 'invite plan --out'; - reads a list as CSV from stdin. "
        + _COLUMNS,
    ),
]
JournalFile = Annotated[
    str | None,
    typer.Option("--journal", metavar="FILE", help="What runs know of each other; FILE.journal unless given."),
]
ChangedList = Annotated[
    bool, typer.Option("--changed-list", help="The journal is that of this list before it was changed.")
]
SameAccounts = Annotated[
    list[str] | None,
    typer.Option(
        "--same-account",
        metavar="CLIENT",
        help="It asks the account of the journal still, by a new key or URL; several times.",
    ),
]
ChaseAfter = Annotated[
    str | None,
    typer.Option("--chase-after", metavar="7d", help="Mail open ones again after so many m, h, d or w."),
]
Expired = Annotated[
    str, typer.Option("--expired", metavar="resend|replace|leave", help="What about those that have expired.")
]
OtherRole = Annotated[
    str,
    typer.Option("--other-role", metavar="update|replace|leave", help="What about open ones of another role."),
]
Again = Annotated[
    list[str] | None,
    typer.Option("--again", metavar="STATUS", help="Invite anew who is declined, rejected or canceled; several times."),
]
Prune = Annotated[
    bool, typer.Option("--prune", help="Take back the open ones in the list's scopes that the list does not have.")
]
MaxPrune = Annotated[
    int | None, typer.Option("--max-prune", metavar="NUMBER", min=0, help="How many at the most; needed with --prune.")
]
Encoding = Annotated[str, typer.Option("--encoding", metavar="NAME", help="Of the file; it is never guessed.")]
Default = Annotated[
    list[str] | None,
    typer.Option("--default", metavar="COLUMN=VALUE", help="For what a row leaves empty; may be given several times."),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as far as both commands have it."""

    file: str
    given_journal: str | None
    policy: Policy
    prune: bool
    max_prune: int | None
    encoding: str
    default: Sequence[str] | None
    changed_list: bool
    same_accounts: Sequence[str]

    @property
    def journal(self) -> str | None:
        """The journal: beside the list, unless it was named."""
        if self.given_journal is not None or self.file == _STDIN:
            return self.given_journal
        return f"{self.file}.journal"

    @property
    def with_its_journal(self) -> str:
        """The options by which a plan of this list finds the journal, and is taken for one of it."""
        accounts = [word for name in self.same_accounts for word in ("--same-account", name)]
        words = ["--journal", self.journal or "JOURNAL", *["--changed-list"] * self.changed_list, *accounts]
        return shlex.join(words)

    def keep_whole(self, written: Mapping[str, str | None]) -> None:
        """Refuses to write over what is read, and what cannot be written: before anything is asked or sent.

        Args:
            written: the options that name a file to write, with what they name.

        Raises:
            typer.BadParameter: one names the list, the plan, the journal, or what another one names.
            OSError: one cannot be written.
        """
        if self.given_journal is not None:
            given.require_file(self.given_journal, "--journal")
        taken = {"the list or plan that is read": self.file, "the journal": self.journal}
        for option, path in written.items():
            if path is None:
                continue
            given.require_file(path, option)
            for what, other in taken.items():
                if other is not None and other != _STDIN and _is_same(path, other):
                    raise typer.BadParameter(f"it names {what}, which would be lost: name another", param_hint=option)
            taken[f"the file of {option}"] = path
        for path in filter(None, written.values()):
            place = Path(path).resolve()
            if place.is_fifo():  # whose reader would take this for the end
                continue
            is_new = not place.exists()
            os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
            if is_new:
                place.unlink()  # so that no empty plan or report is left where nothing comes of it

    def roster(self) -> Roster:
        """The list."""
        from invite_sdk import Roster

        defaults = given.pairs(self.default, "--default")
        if self.file == _STDIN:
            if (reconfigure := getattr(sys.stdin, "reconfigure", None)) is not None:
                reconfigure(encoding=self.encoding, newline="")
            return Roster.from_csv(sys.stdin, defaults=defaults)
        return Roster.read(self.file, encoding=self.encoding, defaults=defaults)

    def plan(self, roster: Roster, hub: Hub) -> Plan:
        """The plan of a list.

        Raises:
            typer.BadParameter: how many may be pruned is not said.
        """
        if self.prune and self.max_prune is None:
            raise typer.BadParameter("give --max-prune as well: how many may be taken back", param_hint="--prune")
        return roster.plan(
            hub,
            self.policy,
            prune=self.prune,
            max_prune=self.max_prune,
            journal=self.journal,
            changed_list=self.changed_list,
            same_accounts=self.same_accounts,
        )

    def _of_lists_only(self) -> list[str]:
        """The options that were given and say what a plan says already."""
        wanted, usual = self.policy, type(self.policy)()
        said = {
            "--chase-after": wanted.chase_after != usual.chase_after,
            "--expired": wanted.expired != usual.expired,
            "--other-role": wanted.other_role != usual.other_role,
            "--again": wanted.again != usual.again,
            "--prune": self.prune,
            "--max-prune": self.max_prune is not None,
            "--encoding": self.encoding != UTF_8,
            "--default": bool(self.default),
        }
        return [option for option, is_given in said.items() if is_given]

    def kept(self) -> tuple[Roster, Plan] | None:
        """The plan that the file holds, with its list; nothing where it holds a list.

        Raises:
            typer.BadParameter: the journal was not named, which a plan does not say; or an option says what only a list
                can be asked for.
        """
        if not self.file.endswith(".json"):
            return None
        from invite_sdk import Plan, Roster

        text = Path(self.file).read_text(encoding="utf-8", errors="replace")
        try:
            said: object = json.loads(text)
        except ValueError:
            return None
        if not isinstance(said, dict) or not {"rows", "policy"} <= set(cast("Mapping[object, object]", said)):
            return None
        if self.given_journal is None:
            raise typer.BadParameter(
                "a plan needs the journal of its list, so that later runs know of this one: such as people.csv.journal",
                param_hint="--journal",
            )
        if beside := self._of_lists_only():
            raise typer.BadParameter(
                "a plan is applied as it was made: give this to 'invite plan'", param_hint=", ".join(beside)
            )
        made = Plan.from_json(text)
        return Roster([planned.row for planned in made if not planned.is_pruned]), made


def policy(chase_after: str | None, expired: str, other_role: str, again: Sequence[str] | None) -> Policy:
    """What is to be done about invitations that are there.

    Raises:
        InvalidArgumentError: a word is none that a policy knows.
    """
    from invite_sdk import Policy

    chase = None if chase_after is None else _span(chase_after)
    words = frozenset(again or ())
    return Policy(chase_after=chase, expired=expired, other_role=other_role, again=words)  # type: ignore[arg-type]


def _is_same(path: str, other: str) -> bool:
    with suppress(OSError):
        return os.path.samefile(path, other)  # noqa: PTH121 - both are text
    return Path(path).resolve() == Path(other).resolve()


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([mhdw])", text)
    if found is None:
        raise typer.BadParameter("must be a number with m, h, d or w, such as 7d", param_hint="--chase-after")
    return timedelta(**{_SPANS[found.group(2)]: int(found.group(1))})
