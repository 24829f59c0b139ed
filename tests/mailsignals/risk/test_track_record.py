"""How often each level came true, by history once more."""

import datetime as dt

import polars as pl
import pytest

from mailsignals.risk.assess import assess
from mailsignals.risk.card import card_text, record_of_card
from mailsignals.risk.levels import LEVELS
from mailsignals.risk.quiet import learn_from_history, quiet_bands
from mailsignals.risk.silences import prior_of, quiet_history, snapshot_instants
from mailsignals.risk.track_record import (
    LEAST_EVENTS,
    LevelRecord,
    ReplayInputs,
    levels_then,
    track_record,
)
from mailsignals.signals.active_days import active_days
from mailsignals.signals.facts import Facts
from tests.mailsignals.risk.office import AT, CARA, DAY, HELP, SETTINGS, Mailbox, facts_and_book, quiet_at

ZONE = SETTINGS.company.timezone


def bursts(name: str, number: int) -> Mailbox:
    """A customer who writes in bursts of days, with pauses of weeks to months, for two years and a half."""
    box = Mailbox(name)
    day = 900.0 - 3 * number
    while day > number % 5:
        for mail in range(1 + number % 3):
            box.they((day - mail * 0.3) * DAY, to=HELP, thread=f"{day:.0f}-{mail}")
        day -= 6 + (number * 37 + int(day) * 11) % (30 + 13 * number)
    return box


@pytest.fixture(scope="module")
def company() -> tuple[Facts, pl.DataFrame, pl.DataFrame]:
    """The facts, the account list and the people of twelve such customers, one of whom left."""
    mail = {f"c{number}": bursts(f"c{number}", number) for number in range(12)}
    left = {"churned_on": AT.date() - dt.timedelta(days=300)}
    return facts_and_book(mail, book={"c3": left, "c5": {"csm": None}})


def replay_of(company: tuple[Facts, pl.DataFrame, pl.DataFrame], at: dt.datetime) -> ReplayInputs:
    """What is known of the company at an instant."""
    mail, accounts, _ = company
    days = active_days(mail, timezone=ZONE)
    left = accounts.with_row_index("account").select(pl.col("account").cast(pl.UInt32), "churned_on")
    return ReplayInputs(
        facts=mail,
        accounts=accounts,
        silences=quiet_history(days, left, as_of=at, timezone=ZONE),
        settings=SETTINGS,
    )


def test_levels_of_then_are_what_the_list_said_then(
    company: tuple[Facts, pl.DataFrame, pl.DataFrame],
) -> None:
    """At each snapshot the replay has the accounts, risks and levels that the list of that instant has."""
    mail, accounts, people = company
    instants = snapshot_instants(AT - 400 * DAY, AT - 90 * DAY)
    replayed = levels_then(replay_of(company, AT), instants)
    assert replayed["level"].n_unique() > 1
    for moment in instants[::3]:
        quiet = quiet_at(mail, accounts, settings=SETTINGS, at=moment)
        listed = assess(mail, accounts, people, SETTINGS, as_of=moment, quiet=quiet)
        then = listed.filter(pl.col("state") == "active").sort("account")
        again = replayed.filter(pl.col("as_of") == moment).sort("account")
        assert again["account"].to_list() == then["account"].to_list()
        assert again["risk"].to_list() == pytest.approx(then["risk"].to_list(), abs=1e-12)
        assert again["level"].to_list() == then["level"].to_list()


def test_an_account_counts_once_a_quarter_at_each_level(
    company: tuple[Facts, pl.DataFrame, pl.DataFrame],
) -> None:
    """Three snapshots of one quarter look at nearly the same 90 days."""
    instants = snapshot_instants(AT - 730 * DAY, AT - 90 * DAY)
    rows = levels_then(replay_of(company, AT), instants)
    for one in track_record(replay_of(company, AT), as_of=AT):
        own = rows.filter(pl.col("level") == one.level).sort("as_of")
        first = own.unique(["account", "quarter"], keep="first", maintain_order=True)
        assert (one.n, one.events) == (first.height, first["silent"].sum())
        assert (one.share is None) == (one.events < LEAST_EVENTS)
        if one.share is not None:
            assert one.share == pytest.approx(one.events / one.n)


def test_nothing_is_said_of_a_handful_or_before_anything_is_over() -> None:
    """Without a snapshot that is over there are no numbers, and under twenty accounts there is no share."""
    few = facts_and_book({"one": Mailbox("one").they(200 * DAY, to=CARA).they(3 * DAY, to=CARA)})
    for at in (AT, AT - 250 * DAY):
        record = track_record(replay_of(few, at), as_of=at)
        assert [one.level for one in record] == list(LEVELS)
        assert all(one.share is None and one.n < 20 for one in record)


def test_a_card_gives_back_the_record(company: tuple[Facts, pl.DataFrame, pl.DataFrame]) -> None:
    """What is kept of a night is what it learnt; a card of another version gives nothing."""
    given = replay_of(company, AT)
    days = active_days(given.facts, timezone=ZONE)
    model = learn_from_history(given.silences, prior=prior_of(days, as_of=AT, timezone=ZONE), as_of=AT)
    record = (
        LevelRecord(
            level="high", n=30, events=21, share=0.7, all_share=0.1, left_share=None, all_left_share=None
        ),
    )
    text = card_text(model, quiet_bands(given.silences, as_of=AT), record)
    assert record_of_card(text) == record
    assert record_of_card(text.replace('"format": 2', '"format": 1')) is None
