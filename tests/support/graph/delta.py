"""Rounds over a folder: what was there at the first, what changed at the later ones; and the links between pages."""

import dataclasses
import itertools
from typing import Any

from tests.support.graph.items import Item, mail, recipient
from tests.support.graph.mailbox import Mailbox
from tests.support.real_headers import real_headers

KEPT_GENERATIONS = 3
"""How many of the newest links of a chain are still good."""


@dataclasses.dataclass(frozen=True)
class State:
    """What a link stands for."""

    chain: int
    generation: int
    folder: str
    select: tuple[str, ...]
    immutable: bool
    entries: tuple[tuple[str, str], ...] | None
    """What is left of a round: what happened and to which item; None: the next round has not begun."""
    since: int
    """The change up to which earlier rounds went."""
    until: int
    bulk: int = 0
    """How many of the messages that are made from their number are still to come."""


class Links:
    """The states that links stand for."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}
        self._newest: dict[int, int] = {}
        self._numbers = itertools.count(1)
        self.padding = ""
        """Makes links longer."""

    def begin(self, mailbox: Mailbox, folder: str, select: list[str], *, immutable: bool) -> State:
        """The first round: everything that is there, newest first."""
        entries = tuple(("here", item.key) for item in mailbox.inside(folder))
        bulk = mailbox.count if mailbox.folders[folder].well_known == "inbox" else 0
        until = next(mailbox.clock)
        return State(next(self._numbers), 0, folder, tuple(select), immutable, entries, 0, until, bulk)

    def resume(self, mailbox: Mailbox, state: State) -> State:
        """The next round, where the last one has ended: the last word on each item that changed."""
        if state.entries is not None:
            return state
        until = next(mailbox.clock)
        folder = mailbox.folders[state.folder]
        latest: dict[str, str] = {}
        for number, what, key in folder.changes:
            if state.since < number < until:
                # Where an item left and came back, only that it left is told.
                told = latest.pop(key, None)
                latest[key] = (
                    "left" if told == "left" else ("here" if told == "here" and what == "partial" else what)
                )
        return dataclasses.replace(
            state, entries=tuple((what, key) for key, what in latest.items()), until=until
        )

    def link(self, state: State) -> str:
        """A token for what follows; the oldest ones of its chain die."""
        token = f"t{next(self._numbers)}{self.padding}"
        state = dataclasses.replace(state, generation=state.generation + 1)
        self._states[token] = state
        self._newest[state.chain] = state.generation
        return token

    def find(self, token: str) -> State | None:
        """What a token stands for; None if that is no longer kept."""
        state = self._states.get(token)
        if state is None or self._newest[state.chain] - state.generation >= KEPT_GENERATIONS:
            return None
        return state

    def expire(self) -> None:
        """Forget everything."""
        self._states.clear()


def bulk_item(mailbox: Mailbox, folder: str, number: int) -> Item:
    """A message that is made from its number."""
    sender, at = f"c{number % 997}@customer.test", mailbox.begun_at(number)
    headers: list[dict[str, str]] = []
    fields = mail(number, sender, [mailbox.address], at=at)
    if mailbox.is_real:
        pairs = real_headers(number, at=at, sender=sender, to=mailbox.address)
        headers = [{"name": name, "value": value} for name, value in pairs]
        fields["toRecipients"].append(recipient("support@us.test", "Support"))
        fields["ccRecipients"] = [recipient(f"k{number % 97}@customer.test", "Colleague")]
    return Item(key=f"AAkBulk{number:08}=", folder=folder, fields=fields, headers=headers)


def partial(item: Item, *, immutable: bool) -> dict[str, Any]:
    """What is shown of an item when something of it changed."""
    return {
        "id": item.name(immutable=immutable),
        "isRead": item.fields["isRead"],
        "parentFolderId": item.folder,
    }
