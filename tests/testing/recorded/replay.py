"""Asks a FakeWaldur, 7.0.7 unless another is wanted, what a real one was asked, in order, and compares the answers.

`python -m tests.testing.recorded.replay` prints the count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from invite_sdk.testing.messages import FakeRequest, FakeResponse
from invite_sdk.testing.waldur.fake import FakeWaldur
from invite_sdk.testing.waldur.model import WaldurVersion

RECORDING: Final = Path(__file__).parents[2] / "recorded" / "waldur-7.0.7.jsonl"
ORIGIN: Final = "https://waldur.example.org"

EXCEPTIONS: Final = {
    "009_roles_list": "the roles API is not faked",
    "010_version": "the version API is not faked",
    "031_create_malformed_json": "the recording lost the space that the body ended in, so the error is one column off",
    "106_list_accept_html": "the browsable page has the same headers, but not the real page's text and CSRF cookie",
}
"""Every exchange whose answer differs, with the reason."""

NOT_FAKED: Final = ("009_roles_list", "010_version")
"""Not on `/api/user-invitations/`."""

# Known before the first request: records of the recorded server, by what they are called in the fake.
_ROLES: Final = {
    "CUSTOMER.OWNER": "f3a2ce03a25c41e2856e2dd33198741d",
    "PROJECT.ADMIN": "55824f94de4e47c1b78e7559e91b1ffd",
    "PROJECT.MANAGER": "387668015ad341878fc4093e60bc830d",
    "PROJECT.MEMBER": "a5362da7f81e455b8cb02acf82aacb86",
}
_CUSTOMERS: Final = {"acme": "cc70e778ac6b474daef756b02b0c1182", "other": "1252af070d6549ec80cef7c7be159931"}
_PROJECTS: Final = {"apollo": "aec40e9f4c1648f29bbeb3704048cfd0", "beta": "b4907801ebf4421f81d24790d1609ac1"}
_USERS: Final = {
    "staff": "9881297743ec4adbba146916269abc9b",
    "owner": "e2c782f1d43748c7a36b8f13899269e7",
    "bob": "ac026eec2454403c81abc84a998f6d44",
}
_INVITATIONS: Final = {
    "expire1": "9ec7f222e69b40c0a54c27686645443f",
    "expire2": "e301198591994a3a8d36e8be9781e918",
}

_KEY: Final = re.compile(r"\{([a-z0-9]+)-key\}")
_APPROVAL: Final = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32}):[\w:-]+")
"""The token of an approval mail: for a user and an invitation, by their ids, with a signature."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What one answer has that the recorded one has not."""

    what: str
    recorded: object
    answered: object


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded exchange."""

    name: str
    method: str
    url: str
    request_headers: dict[str, str]
    request_body: str
    status: int
    headers: dict[str, str]
    body: str


def read() -> list[Recorded]:
    """The recorded exchanges in order."""
    found: list[Recorded] = []
    for line in RECORDING.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        asked, answered = entry["request"], entry["response"]
        found.append(
            Recorded(
                entry["name"],
                asked["method"],
                asked["url"],
                asked["headers"],
                asked["body"],
                answered["status"],
                dict(answered["headers"]),
                answered["body"],
            )
        )
    return found


class Replay:
    """A fake set up like the recorded server, and the names of things on both sides."""

    def __init__(self, version: WaldurVersion = "7.0.7") -> None:
        self.fake = fake = FakeWaldur(version, base_url=ORIGIN)
        fake.remove_user("invitee")
        for number in range(1, 6):
            fake.add_user(f"invitee{number}", email=f"invitee{number}@example.com", full_name="Invitee Tester")
        fake.remove_project("beta", for_good=True)
        fake.add_customer("Other Org")
        fake.add_project("Beta", customer="other", start_date=date(2026, 12, 22))
        self._ids: list[tuple[str, str]] = []
        for table, names in (
            (fake.roles, _ROLES),
            (fake.customers, _CUSTOMERS),
            (fake.projects, _PROJECTS),
            (fake.users, _USERS),
        ):
            for name, uuid in names.items():
                self._ids.append((uuid, table[name].uuid))

    def run(self) -> dict[str, list[Difference]]:
        """Asks everything; the differences by exchange, empty where there is none."""
        return {exchange.name: self._exchange(exchange) for exchange in read()}

    def at(self, time: str) -> None:
        """Moves the clock."""
        self.fake.clock.current = datetime.fromisoformat(time).astimezone(UTC)

    def id_of(self, recorded: str) -> str:
        """The fake's id for a recorded one."""
        return dict(self._ids)[recorded]

    def _exchange(self, exchange: Recorded) -> list[Difference]:
        if step := _STEPS.get(exchange.name):
            step(self)
        if exchange.status == 201:
            self.at(json.loads(exchange.body)["created"])
        answer = self.fake.handle(self._request(exchange))
        if exchange.status == 201 and answer.status == 201:
            self._ids.append((json.loads(exchange.body)["uuid"], json.loads(answer.body)["uuid"]))
        return list(self._differences(exchange, answer))

    def _request(self, exchange: Recorded) -> FakeRequest:
        headers = [("Host", "waldur.example.org")]
        for name, value in exchange.request_headers.items():
            headers.append((name, _KEY.sub(lambda match: self.fake.users[match[1]].token, value)))
        target = self._theirs(exchange.url.removeprefix(ORIGIN))
        return FakeRequest(exchange.method, target, tuple(headers), self._theirs(exchange.request_body).encode())

    def _theirs(self, text: str) -> str:
        """A recorded text with the fake's tokens and ids."""
        text = _APPROVAL.sub(lambda match: self.fake.approval_token(self.id_of(match[2]), self.id_of(match[1])), text)
        for recorded, own in self._ids:
            for form in (str, str.upper, _dashed):
                text = text.replace(form(recorded), form(own))
        return text

    def _ours(self, text: str) -> str:
        """An answered text with the recorded ids."""
        for recorded, own in self._ids:
            for form in (str, str.upper, _dashed):
                text = text.replace(form(own), form(recorded))
        return text

    def _differences(self, exchange: Recorded, answer: FakeResponse) -> list[Difference]:
        found: list[Difference] = []
        if answer.status != exchange.status:
            found.append(Difference("status", exchange.status, answer.status))
        own = {name: self._ours(value) for name, value in answer.headers}
        found += [
            Difference(name, exchange.headers.get(name), own.get(name))
            for name in sorted({*own, *exchange.headers} - {"Content-Length", "Transfer-Encoding"})
            if own.get(name) != exchange.headers.get(name)
        ]
        # The recorder cut white space off the end of bodies, as their Content-Length shows.
        body = self._ours(answer.body.decode()).rstrip()
        if body != exchange.body:
            found.append(Difference("body", exchange.body, body))
        return found


def _dashed(text: str) -> str:
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _created_30_days_ago(replay: Replay) -> None:
    row = replay.fake.invitation(replay.id_of(_INVITATIONS["expire1"]))
    replay.fake.age(row, row.created - datetime(2026, 10, 23, 0, 39, 35, 474527, UTC))


def _lifetime_passes(replay: Replay) -> None:
    row = replay.fake.invitation(replay.id_of(_INVITATIONS["expire2"]))
    replay.fake.age(row, replay.fake.settings.lifetime * 2)


# What happened before an exchange.
_STEPS: Final[dict[str, Callable[[Replay], object]]] = {
    "180_send_canceled": lambda replay: replay.at("2026-11-22T00:39:35.323942Z"),
    "186_retrieve_past_expiry_still_pending": _created_30_days_ago,
    "188_retrieve_expired": lambda replay: replay.fake.expire_due(),
    "195_send_expired": lambda replay: replay.at("2026-11-22T00:39:42.559605Z"),
    "198_accept_past_expiry_before_task": _lifetime_passes,
    "228_create_requested": lambda replay: replay.fake.configure(only_staff_can_invite=True),
}


def summary(found: dict[str, list[Difference]]) -> str:
    """The count and the exceptions, for people."""
    ours = {name: differences for name, differences in found.items() if name not in NOT_FAKED}
    exact = sum(not differences for differences in ours.values())
    lines = [f"{exact} of {len(ours)} exchanges on /api/user-invitations/ are exact ({100 * exact / len(ours):.1f} %)."]
    lines += [
        f"  {name}: {EXCEPTIONS.get(name, 'NOT EXPECTED')} ({', '.join(one.what for one in differences)})"
        for name, differences in found.items()
        if differences
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(summary(Replay().run()))  # noqa: T201
