"""Two years of mail of an invented company, and its folder."""

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

from mailsignals.demo import automatic, company, letters, mailboxes
from mailsignals.demo.account_history import account_history, account_ids, date_of
from mailsignals.demo.openings import openings
from mailsignals.demo.paces import Pace
from mailsignals.demo.stories import DAYS
from mailsignals.demo.traffic import converse
from mailsignals.demo.world import World, world
from mailsignals.errors import UserError
from mailsignals.formats import csv_rows

MESSAGES_FILE = "messages.parquet"
CONFIG_FILE = "config.toml"
STORIES_FILE = "stories.csv"

STORY_COLUMNS = pl.Schema(
    {
        "account_id": pl.String,
        "story": pl.String,
        "pace": pl.String,
        "turning_on": pl.Date,
        "leaves_on": pl.Date,
    }
)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Simulation:
    """A company, its mail, and the truth about its customers."""

    messages: pl.DataFrame
    """In ``MESSAGE_SCHEMA``, in the order of arrival."""
    accounts: pl.DataFrame
    """The columns of ``accounts.csv``."""
    account_history: pl.DataFrame
    """The columns of ``account_history.csv``: the values of the account list and the dates from which they hold."""
    config: str
    """The text of ``config.toml``."""
    as_of: dt.datetime
    """The as-of time: no email is later."""
    stories: pl.DataFrame
    """``account_id, story, pace, turning_on, leaves_on``: the truth behind the account list. Some customers have a
    ``leaves_on`` without a ``churned_on``: they churn within five months after the end, or their date is late."""


def simulate(*, accounts: int = 120, seed: int = 1, until: dt.datetime) -> Simulation:
    """Invent a company and two years of its mail.

    Args:
        accounts: How many customers it has.
        seed: The same seed gives the same company.
        until: The end of the two years, with a time zone.

    Raises:
        UserError: the number of accounts or the seed is out of range.
    """
    if accounts < 1:
        raise UserError(f"Invalid number of accounts {accounts}: choose 1 or more.")
    if seed < 0:
        raise UserError(f"Invalid seed {seed}: choose 0 or more.")
    as_of = until.astimezone(dt.UTC)
    origin = (as_of - dt.timedelta(days=DAYS)).replace(minute=0, second=0, microsecond=0)
    people, mail, arrival = np.random.default_rng(seed).spawn(3)
    invented = world(accounts, origin, people)
    addresses = pl.Series(invented.people.addresses[: invented.staff.count])
    copies = mailboxes.copies(_letters(invented, mail), addresses, origin, arrival)
    history = account_history(invented)
    seen = copies.filter(pl.col("sent_at") < as_of)
    return Simulation(
        messages=_as_they_arrive(seen, arrival),
        accounts=company.book(invented, history),
        account_history=history,
        config=company.config(invented),
        as_of=as_of,
        stories=_stories(invented),
    )


def _letters(invented: World, rng: np.random.Generator) -> pl.DataFrame:
    """Return all emails, each once."""
    beginnings, replies, circles, machines = rng.spawn(4)
    threads = openings(invented, beginnings)
    mails = converse(invented, threads, replies)
    talk = letters.conversations(invented, threads, mails, circles)
    titles = talk.get_column("subject")
    forwards, answers = letters.forwards(invented, threads, mails, titles, circles)
    together = pl.concat(
        [
            talk,
            forwards,
            answers.with_columns(pl.col("parent") + talk.height),
            automatic.absence_notes(invented, mails, titles, machines),
            automatic.bounce_mails(invented, mails, machines),
            automatic.invitations(invented, threads, machines),
            automatic.newsletters(invented, machines),
            automatic.notifications(invented, machines),
        ]
    )
    own_thread = pl.int_range(pl.len()) + len(threads.firm)
    return together.with_columns(pl.col("thread").fill_null(own_thread))


def _as_they_arrive(messages: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return the messages in an order of arrival that only roughly follows their times, as with many mailboxes."""
    delay = (rng.exponential(90 * 60, messages.height) * 1e6).astype(np.int64)
    arrival = messages.get_column("sent_at").cast(pl.Int64).to_numpy() + delay
    return messages[np.argsort(arrival, kind="stable")]


def _stories(invented: World) -> pl.DataFrame:
    """Return the hidden truth, one row per account."""
    plan = invented.plan
    rows = [
        {
            "account_id": account_id,
            "story": str(plan.story[number]),
            "pace": Pace(invented.paces.pace[number]).name.lower(),
            "turning_on": date_of(invented, float(plan.turning[number])),
            "leaves_on": date_of(invented, float(plan.leaves[number])),
        }
        for number, account_id in enumerate(account_ids(invented))
    ]
    return pl.DataFrame(rows, schema=STORY_COLUMNS)


def write_company(simulation: Simulation, folder: Path) -> None:
    """Write the mail, the account list with its history, the configuration and the hidden truth into a folder.

    Raises:
        UserError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        simulation.messages.write_parquet(folder / MESSAGES_FILE, compression="zstd")
        (folder / company.ACCOUNTS_FILE).write_text(
            csv_rows(simulation.accounts), encoding="utf-8", newline="\n"
        )
        (folder / company.HISTORY_FILE).write_text(
            csv_rows(simulation.account_history), encoding="utf-8", newline="\n"
        )
        (folder / CONFIG_FILE).write_text(simulation.config, encoding="utf-8")
        (folder / STORIES_FILE).write_text(csv_rows(simulation.stories), encoding="utf-8", newline="\n")
    except (OSError, pl.exceptions.ComputeError) as error:  # the latter is how polars words a full disk
        raise UserError(
            f"{folder}: the company cannot be written here ({error}). Choose another folder."
        ) from error
