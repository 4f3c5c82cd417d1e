"""What the SDK says, in words of the command line: it speaks to whoever writes Python, of arguments and objects."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invite_sdk import Invitation, InviteError

_OPTIONS = "|".join(
    (
        *("allow_http", "changed_list", "chase_after", "max_concurrency", "max_prune", "max_rate", "max_wait"),
        *("native_filter", "other_role", "page_size", "repeat_unknown"),
    )
)


def _option(found: re.Match[str]) -> str:
    """A parameter as an option, with its value where it has one."""
    name, value = found[1], found[2] if found.re.groups > 1 else ""
    return f"--{name.replace('_', '-')} {value or ''}".rstrip()


def _same_accounts(found: re.Match[str]) -> str:
    """A list of names as an option for each."""
    return " ".join(f"--same-account {shlex.quote(name)}" for name in re.findall(r"'([^']*)'", found[1]))


_Table = tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]

_TABLE: _Table = (
    (r"give verify=ssl\.create_default_context\(cafile=\.\.\.\), or ", ""),
    (r"resend needs the Invitation that create returned, .*?this one does not", "run 'invite create' again for it"),
    (r"Creates again from the Invitation that create returned", "From Python only: creates again from what is known"),
    (r"the Invitation that create returned", "the id that 'invite create' wrote"),
    (r"; see \.existing", ""),
    (r"see problems, and look", "look"),
    (r"call ensure(?: again)?(?=:)", "run 'invite ensure'"),
    (r"as Plan\.to_json\(\) writes it", "as 'invite plan --out' writes it"),
    (r"\bclient\.(\w+)\(\.\.\.\)", r"'invite \1'"),
    (r"\b(roles|scopes)\(\)", r"'invite \1'"),
    (r"`?\bScope\(type, [^)]*, organization=\.\.\.\)`?", "--scope-type, --scope and --organization"),
    (r"`?\bScope\(type, ([^)]*)\)`?", r"--scope-type and its \1"),
    (r"\bPolicy\((\w+)=[^\w)]*(\w*)[^)]*\)", _option),
    (r"\b[A-Z]\w+\(\.\.\., (\w+)=\.\.\.\)", r"set its \1"),
    (r"here or to the connection", "or set it in the profile"),
    (r"\bsame_accounts=\[([^\]]*)\]", _same_accounts),
    (r"\b([a-z_]+)=True\b", _option),
    (r"\b(encoding)=[\"']([\w-]+)[\"']", _option),
    (r"\bgive ([a-z_]+)=(?:\.\.\.)?", r"give --\1"),
    (r"\bnative_filters\b", "--native-filter"),
    (rf"\b(?<!-)({_OPTIONS})\b", _option),
    (r"\ba timedelta\b", "a time"),
    (r"\bextra\[([^\]]+)\]", r"the extra field \1"),
)


def in_words(text: str) -> str:
    """A sentence of the SDK's with the options and commands of the command line where Python has its own."""
    for pattern, said in _TABLE:
        text = re.sub(pattern, said, text)
    return text


def told(error: InviteError) -> str:
    """What an error says, in words of the command line, and how to look at the invitation that is in the way."""
    text = str(error)
    existing: Invitation | None = getattr(error, "existing", None)
    key = None if existing is None else existing.id
    if existing is not None and key is not None and existing.to_dict(mask=True)["id"] == key:
        text = text.replace("; see .existing", f"; see 'invite get {key}'")
    wait: float | None = getattr(error, "retry_after", None)
    if wait is not None:
        text += f"; try again in {math.ceil(wait)} s"
    return in_words(text)
