"""The outlook: one row per account with the figures behind its risk, now and a window earlier."""

import datetime as dt
from zoneinfo import ZoneInfo

import polars as pl

from mailsignals import units
from mailsignals.accounts.book import numbered_accounts
from mailsignals.clock import local_date
from mailsignals.schema import BOOK_SCHEMA, INSTANT
from mailsignals.signals.evidence import evidence
from mailsignals.signals.facts import Facts
from mailsignals.signals.history import history
from mailsignals.signals.main_contacts import main_contacts
from mailsignals.signals.pipeline import MOMENT_SIGNALS, WINDOW_SIGNALS, signals
from mailsignals.wording.people import PersonNames

BEFORE_DAYS = (30, 90)
"""A figure over 30 days is compared with the 30 days before, one over 90 with the 90 before."""

MAIN_CONTACT = pl.Struct(
    {
        "address": pl.String(),
        "name": pl.String(),
        "mails": pl.Int64(),
        "mails_30": pl.Int64(),
        "last_at": INSTANT,
        "away_since": INSTANT,
        "bounced_at": INSTANT,
    }
)
"""A main contact, as ``signals.main_contacts.main_contacts`` has them; ``name`` is the address where unknown."""


def outlook(  # noqa: PLR0913  # all that one row is made of
    facts: Facts,
    book: pl.DataFrame,
    people: pl.DataFrame,
    *,
    as_of: dt.datetime,
    reply_horizon: dt.timedelta,
    timezone: str,
    names: PersonNames | None = None,
) -> pl.DataFrame:
    """Return one row per account of the account list, in its order.

    The columns of ``BOOK_SCHEMA``; each signal by window (``inbound_90``) and as it was a window earlier
    (``inbound_90_before``); the signals of the moment; the evidence behind the marks; the sums behind the scorecard
    (``past_days`` and so on); ``account_days`` since it started or first wrote; ``promised_hours`` (the first-response
    target) and ``in_open_hours`` (whether a calendar counts them).

    ``main_contacts`` (a list of ``MAIN_CONTACT``, who wrote most first; null without any), ``champion`` (the first of
    them, a person), and how many of them are quiet, cannot be reached or are away: ``contacts_quiet``, who wrote
    ``contacts_quiet_mails``, ``contacts_gone`` and ``contacts_away``.
    """
    earlier = {days: as_of - dt.timedelta(days=days) for days in BEFORE_DAYS}
    found = signals(facts, [as_of, *earlier.values()], reply_horizon=reply_horizon)
    proof = evidence(facts, [as_of, earlier[30]], reply_horizon=reply_horizon)
    # Only our own columns: a further one of the file may have any name, also one of those that follow.
    row = numbered_accounts(book, BOOK_SCHEMA)
    parts = [
        *(_in_window(found, as_of, days, suffix=f"_{days}") for days in BEFORE_DAYS),
        *(_in_window(found, moment, days, suffix=f"_{days}_before") for days, moment in earlier.items()),
        _at(found.filter(pl.col("window_days") == 90), as_of).select(
            "account", *(signal.name for signal in MOMENT_SIGNALS)
        ),
        _at(proof, as_of).drop("as_of"),
        _at(proof, earlier[30]).select(
            "account", pl.col("overdue_turns", "open_response_hours_30").name.suffix("_before")
        ),
        history(facts, [as_of], timezone=timezone).drop("as_of"),
        _of_contacts(
            main_contacts(facts, as_of, midnight=_midnight(as_of, timezone)), people, names or PersonNames()
        ),
    ]
    for part in parts:
        new = [name for name in part.columns if name not in row.columns]
        row = row.join(part.select("account", *new), on="account", how="left")
    policy = facts.promises.policy(pl.col("account"), pl.lit(as_of).cast(INSTANT))
    return row.with_columns(
        as_of=pl.lit(as_of).cast(INSTANT),
        account_days=_account_days(as_of, timezone),
        promised_hours=units.hours_of(facts.promises.target(policy, "first_response")),
        in_open_hours=facts.promises.in_open_hours(policy),
    ).sort("account")


def _at(frame: pl.DataFrame, moment: dt.datetime) -> pl.DataFrame:
    return frame.filter(pl.col("as_of") == moment)


def _in_window(found: pl.DataFrame, moment: dt.datetime, days: int, *, suffix: str) -> pl.DataFrame:
    return (
        _at(found, moment)
        .filter(pl.col("window_days") == days)
        .select("account", *(pl.col(signal.name).name.suffix(suffix) for signal in WINDOW_SIGNALS))
    )


def _account_days(as_of: dt.datetime, timezone: str) -> pl.Expr:
    """Days by the local calendar since the account started, else since its first email."""
    local = pl.lit(as_of).dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    lasted = pl.coalesce(
        local - pl.col("started_on").cast(pl.Datetime("us")), pl.lit(as_of) - pl.col("first_at")
    )
    return units.days(lasted)


def _midnight(as_of: dt.datetime, timezone: str) -> dt.datetime:
    """The last local midnight at or before a date and time, in UTC."""
    day = local_date(as_of, timezone)
    return dt.datetime.combine(day, dt.time(), ZoneInfo(timezone)).astimezone(dt.UTC)


def _of_contacts(found: pl.DataFrame, people: pl.DataFrame, names: PersonNames) -> pl.DataFrame:
    """Return the main contacts as lists, one row per account with any."""
    gone = pl.col("bounced_at").is_not_null()
    quiet = (pl.col("mails_30") == 0) & ~gone
    addressed = found.with_columns(address=pl.lit(people["address"]).gather(pl.col("person")))
    shown = [names.of(address) for address in addressed["address"].to_list()]
    named = addressed.with_columns(name=pl.Series(shown, dtype=pl.String))
    return named.group_by("account", maintain_order=True).agg(
        champion=pl.col("person").first(),
        main_contacts=pl.struct(list(MAIN_CONTACT.to_schema())),
        contacts_quiet=quiet.sum(),
        contacts_quiet_mails=pl.col("mails").filter(quiet).sum(),
        contacts_gone=gone.sum(),
        contacts_away=pl.col("away_since").is_not_null().sum(),
    )
