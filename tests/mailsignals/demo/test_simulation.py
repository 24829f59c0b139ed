"""The simulated company as a whole: the same for a seed, valid as mail, readable by the application."""

import dataclasses
import datetime as dt
import tomllib
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.base import AUTOMATED, IMPORTANCE, MESSAGE_SCHEMA
from mailsignals.accounts import read_book
from mailsignals.config import load_settings
from mailsignals.demo import Simulation, simulate, write_company
from mailsignals.errors import UserError
from tests.mailsignals.demo.conftest import UNTIL

TWO_YEARS = dt.timedelta(days=730)


@pytest.mark.slow
def test_a_seed_decides_everything() -> None:
    """The same seed gives the same company to the last byte, another seed another one."""
    one, again, other = (simulate(accounts=8, seed=seed, until=UNTIL) for seed in (1, 1, 2))
    for field in dataclasses.fields(Simulation):
        left, right = getattr(one, field.name), getattr(again, field.name)
        if isinstance(left, pl.DataFrame):
            assert_frame_equal(left, right)
        else:
            assert left == right
    assert not one.messages.equals(other.messages)
    assert not one.accounts.equals(other.accounts)


def test_mail_is_in_the_interchange_format(company: Simulation) -> None:
    """Columns, types and vocabularies are those of the contract; ids are unique in their mailbox."""
    mail = company.messages
    assert mail.schema == MESSAGE_SCHEMA
    required = ["mailbox", "provider", "provider_id", "message_id", "sent_at", "sender", "subject"]
    assert mail.select(pl.col(required).null_count().sum()).row(0) == (0,) * len(required)
    assert mail.select("provider", "mailbox", "provider_id").is_unique().all()
    assert set(mail.get_column("automated").unique()) == {None, *AUTOMATED}
    assert set(mail.get_column("importance").unique()) <= set(IMPORTANCE)
    assert mail.get_column("to").list.len().min() == 1


def test_addresses_are_invented(company: Simulation) -> None:
    """Every address is in lower case and under a domain that nobody can own (RFC 2606)."""
    mail = company.messages
    everybody = pl.concat(
        [mail.get_column("sender"), *(mail.get_column(name).explode() for name in ("to", "cc", "bcc"))]
    ).drop_nulls()
    assert everybody.str.contains(r"^[a-z0-9.-]+@[a-z0-9.-]+\.(example|test)$").all()
    assert mail.get_column("mailbox").str.ends_with("@larkspur.example").all()


def test_mail_lies_within_the_two_years(company: Simulation) -> None:
    """No mail is older than two years and an hour before the end, and none is at the end or later."""
    sent = company.messages.get_column("sent_at")
    assert company.as_of == UNTIL
    assert sent.min() >= UNTIL - TWO_YEARS - dt.timedelta(hours=1)  # type: ignore[operator]
    assert UNTIL - dt.timedelta(days=3) < sent.max() < UNTIL  # type: ignore[operator]


def test_mail_arrives_almost_in_order(company: Simulation) -> None:
    """Messages come in the order of arrival: out of order in detail, in order from week to week."""
    sent = company.messages.get_column("sent_at")
    assert not sent.is_sorted()
    behind = (sent.cum_max() - sent).max()
    assert behind < dt.timedelta(days=3)  # type: ignore[operator]


def test_copies_of_a_message_agree(company: Simulation) -> None:
    """Copies lie in different mailboxes, minutes apart, and differ in nothing that a sender decides."""
    copies = company.messages.group_by("message_id", "sender").agg(
        pl.len().alias("copies"),
        pl.col("mailbox").n_unique().alias("mailboxes"),
        pl.col("provider_thread_id").n_unique().alias("thread_ids"),
        (pl.col("sent_at").max() - pl.col("sent_at").min()).alias("spread"),
        pl.col("references", "to", "cc", "subject", "importance", "automated").n_unique(),
    )
    several = copies.filter(pl.col("copies") > 1)
    assert several.height > copies.height * 0.1
    assert (several.get_column("mailboxes") == several.get_column("copies")).all()
    assert (several.get_column("thread_ids") == several.get_column("copies")).all()
    assert several.get_column("spread").max() < dt.timedelta(minutes=5)  # type: ignore[operator]
    shared = several.select("references", "to", "cc", "subject", "importance", "automated")
    assert shared.max().row(0) == (1,) * 6


def test_a_conversation_has_one_thread_id_in_a_mailbox(letters: pl.DataFrame) -> None:
    """A provider's thread id belongs to one mailbox, and ties a reply to the mail it answers there."""
    per_thread = letters.group_by("provider_thread_id").agg(pl.col("mailbox").n_unique(), pl.len())
    assert per_thread.get_column("mailbox").max() == 1
    assert (per_thread.get_column("len") > 2).sum() > per_thread.height * 0.1


def test_most_references_lead_to_mail_that_is_there(company: Simulation) -> None:
    """Nearly all referenced ids are ids of stored mail; a few belong to mail that we never saw."""
    referenced = company.messages.get_column("references").explode().drop_nulls().unique()
    found = referenced.is_in(company.messages.get_column("message_id").unique().implode()).mean()
    assert found is not None
    assert 0.9 < found < 0.999  # type: ignore[operator]


@pytest.mark.slow
def test_the_application_reads_what_is_written(company: Simulation, tmp_path: Path) -> None:
    """The folder holds mail, account list and history, configuration and truth, and our own readers accept them."""
    folder = tmp_path / "made" / "here"
    write_company(company, folder)
    names = {"accounts.csv", "account_history.csv", "config.toml", "messages.parquet", "stories.csv"}
    assert {path.name for path in folder.iterdir()} == names
    assert_frame_equal(pl.read_parquet(folder / "messages.parquet"), company.messages)
    settings = load_settings(folder / "config.toml", environ={})
    book = read_book(settings.accounts.file, tiers=[tier.name for tier in settings.tiers])
    assert book.accounts.height == company.accounts.height


def test_the_configuration_names_everybody(company: Simulation) -> None:
    """The configuration has the sections of a first configuration and a role for each of our mailboxes."""
    document = tomllib.loads(company.config)
    assert document.keys() == {"company", "store", "accounts", "people", "tiers", "calendars"}
    assert [tier["first_response_hours"] for tier in document["tiers"]] == [2, 4, 8]
    assert document["calendars"].keys() == {"office"}
    roles = {person["address"]: person["role"] for person in document["people"]}
    assert set(company.messages.get_column("mailbox")) <= set(roles)
    assert set(company.accounts.get_column("csm")) <= {who for who, role in roles.items() if role == "cs"}


@pytest.mark.parametrize(("accounts", "seed"), [(0, 1), (5, -1)])
def test_an_impossible_company_is_refused(accounts: int, seed: int) -> None:
    """No accounts, or a negative seed, is the user's error and says what to choose."""
    with pytest.raises(UserError, match="choose"):
        simulate(accounts=accounts, seed=seed, until=UNTIL)


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [1, 2])
def test_a_tiny_company_is_possible(accounts: int) -> None:
    """One or two accounts make a company too, whatever the time zone of its end."""
    until = dt.datetime(2025, 3, 30, 12, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))
    made = simulate(accounts=accounts, seed=3, until=until)
    assert made.accounts.height == accounts
    assert made.as_of == until


def test_a_folder_that_cannot_be_written_is_named(company: Simulation, tmp_path: Path) -> None:
    """Where a file stands in the way, the error names the folder and says what to do."""
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(UserError, match=r"file.*another folder"):
        write_company(company, blocked)
