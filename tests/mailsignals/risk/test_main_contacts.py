"""Who the main contacts of an account are, and that a day has the same ones from beginning to end."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from tests.mailsignals.risk.office import AT, DAY, HOUR, OLE, TICK, Mailbox, marked

MIDNIGHT = AT - 14 * HOUR
"""In Berlin, of the day of ``AT``."""


def office(*contacts: tuple[str, Sequence[float]]) -> Mailbox:
    """A customer whose people wrote so many days before ``MIDNIGHT``."""
    box = Mailbox("one")
    for who, days in contacts:
        for day in days:
            box.they(AT - MIDNIGHT + day * DAY, who=who, to=OLE)
    return box


def told(box: Mailbox, at: dt.datetime = AT) -> list[tuple[str, int, int]]:
    """The main contacts by name, with their mails of half a year and of 30 days."""
    found = marked({"one": box}, at=at)["one"]["main_contacts"] or []
    return [(one["address"].split("@")[0], one["mails"], one["mails_30"]) for one in found]


def test_the_champion_leads_and_half_as_many_mails_make_another() -> None:
    """Further ones wrote 5 mails or more, and at least half of the champion's; who wrote most comes first."""
    box = office(
        ("ana", range(40, 46)), ("bob", range(40, 51)), ("cat", range(40, 45)), ("dan", [1, 2, 3, 4, 5, 6])
    )
    assert told(box) == [("bob", 11, 0), ("ana", 6, 0)]


def test_of_equal_contacts_the_smaller_address_leads() -> None:
    """The order does not depend on who wrote first."""
    box = office(("zoe", range(60, 65)), ("ana", range(40, 45)))
    assert [name for name, *_ in told(box)] == ["ana", "zoe"]


def test_four_mails_make_no_main_contact() -> None:
    """An account may have none."""
    assert told(office(("ana", range(40, 44)))) == []


@pytest.mark.parametrize("at", [MIDNIGHT, MIDNIGHT + HOUR, AT, MIDNIGHT + DAY - TICK])
def test_a_day_has_the_same_main_contacts_from_midnight_on(at: dt.datetime) -> None:
    """Mails that leave or enter the window during the day count from the next midnight on."""
    box = office(("ana", [30, 60, 70, 80, 179.9]), ("bob", [29.9, 60, 61, 62, 63]))
    assert told(box, at=at) == [("ana", 5, 0)]


def test_the_next_day_has_its_own() -> None:
    """What has moved since is seen at midnight."""
    box = office(("ana", [30, 60, 70, 80, 179.9]), ("bob", [29.9, 60, 61, 62, 63]))
    assert told(box, at=MIDNIGHT + DAY) == [("bob", 5, 0)]


def test_who_writes_today_is_quiet_no_longer() -> None:
    """A sentence is true at the time at which it is read."""
    box = office(("ana", [30, 60, 70, 80, 90]))
    box.they(HOUR, to=OLE)

    def quiet(at: dt.datetime) -> list[Any]:
        return [
            mark["mark"] for mark in marked({"one": box}, at=at)["one"]["marks"] if "champ" in mark["mark"]
        ]

    assert quiet(AT - 2 * HOUR) == ["champion_quiet"]
    assert quiet(AT) == []


def test_several_whose_addresses_are_gone_are_told_together() -> None:
    """The plural, and the day of the last mail that came back; beyond three people are counted."""
    names = ["ana", "bob", "cat", "dan"]
    box = office(*((name, range(40, 45)) for name in names))
    for hours, name in enumerate(names, 1):
        box.we(3 * DAY, who=OLE, to=name)
        box.program(3 * DAY - hours * HOUR, "bounce", refers=box.messages[-1].message_id)
    (gone,) = (mark for mark in marked({"one": box})["one"]["marks"] if mark["mark"] == "champion_gone")
    assert gone["text"] == (
        "Email to main contacts ana@one.example, bob@one.example, cat@one.example and 1 other bounced, "
        "last on 29 May 2026: these addresses no longer work."
    )
