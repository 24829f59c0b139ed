"""The tables of people: contacts and colleagues per account, and the kinds of work of your team."""

import datetime as dt

import polars as pl

from mailsignals.engines import engine_of
from mailsignals.readmodel.tables.account import window_bounds
from mailsignals.signals.people import CHAMPION_MAILS, CHAMPION_QUIET, CHAMPION_SPAN
from mailsignals.sla.tickets import TICKET
from mailsignals.workspace import Snapshot

HANDED_OVER, WENT_QUIET, NEW, ACTIVE, PAST = "handed over", "went quiet", "new", "active", "past"
NEW_DAYS, ACTIVE_DAYS = 30, 90
CONTACT_STATES = {
    HANDED_OVER: "went quiet, and a new person continued one of their conversations",
    WENT_QUIET: f"{CHAMPION_MAILS} or more emails {CHAMPION_SPAN} to {CHAMPION_QUIET} days ago, and none since",
    NEW: f"first email in the last {NEW_DAYS} days",
    ACTIVE: f"an email in the last {ACTIVE_DAYS} days",
    PAST: f"no email for {ACTIVE_DAYS} days",
}
"""The states of a contact with their definitions; the first that applies counts."""

WEEKS = 13
KINDS = ("opened", "tickets", "other")
"""Kinds of emails: starting a conversation (account work), in a ticket (support), or other."""

_WHO = ("account", "person")
_SENT = pl.col("sent_at")


def people(snapshot: Snapshot) -> pl.DataFrame:
    """Return ``address`` of all people, at the row of their number."""
    return snapshot.people.select("address")


def person_names(snapshot: Snapshot) -> pl.DataFrame:
    """Return ``address`` and ``name`` of people whose name is known, one row for each."""
    known = snapshot.workspace.names.names
    return pl.DataFrame(
        {"address": list(known), "name": list(known.values())},
        schema={"address": pl.String(), "name": pl.String()},
    )


def contacts(snapshot: Snapshot) -> pl.DataFrame:
    """Return all contacts who ever wrote, by account, last email first.

    Returns:
        ``account``, ``person``, ``first_at``, ``last_at``, ``mails_30``, ``mails_90``, ``mails_90_before``,
        ``share_90`` (of the account's emails), ``champion``, ``state`` and ``successor`` (of a contact that was handed
        over).
    """
    inbound = _touches(snapshot, outbound=False)
    found = _counted(inbound, snapshot.as_of)
    quiet = found.filter((pl.col("earlier") >= CHAMPION_MAILS) & (pl.col("mails_30") == 0))
    followed = _successors(inbound, found, quiet, snapshot.as_of)
    champion = snapshot.overview.select("account", person="champion").drop_nulls().with_columns(champion=True)
    went_quiet = (pl.col("earlier") >= CHAMPION_MAILS) & (pl.col("mails_30") == 0)
    state = (
        pl.when(pl.col("successor").is_not_null())
        .then(pl.lit(HANDED_OVER))
        .when(went_quiet)
        .then(pl.lit(WENT_QUIET))
        .when(pl.col("first_at") > _ago(snapshot.as_of, NEW_DAYS))
        .then(pl.lit(NEW))
        .when(pl.col("mails_90") > 0)
        .then(pl.lit(ACTIVE))
        .otherwise(pl.lit(PAST))
    )
    return (
        found.join(followed, on=_WHO, how="left")
        .join(champion, on=_WHO, how="left")
        .with_columns(pl.col("champion").fill_null(value=False), state=state)
        .drop("earlier", "role")
        .sort("account", "last_at", "person", descending=[False, True, False])
    )


def colleagues(snapshot: Snapshot) -> pl.DataFrame:
    """Return all people of your team who ever wrote to a customer, by account, last email first.

    Returns:
        ``account``, ``person``, ``role``, ``first_at``, ``last_at``, ``mails_30``, ``mails_90``, ``mails_90_before``
        and ``share_90`` (of the team's emails to the account).
    """
    found = _counted(_touches(snapshot, outbound=True), snapshot.as_of)
    return found.drop("earlier").sort("account", "last_at", "person", descending=[False, True, False])


def _touches(snapshot: Snapshot, *, outbound: bool) -> pl.LazyFrame:
    return snapshot.facts.touches.filter(
        pl.col("outbound") == outbound, window_bounds(snapshot.as_of, 0)[1] >= _SENT
    ).select(*_WHO, "sent_at", "role", "conversation")


def _counted(touches: pl.LazyFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Return the number of emails of each person and account by window."""

    def within(newest: int, oldest: int) -> pl.Expr:
        return ((_ago(as_of, oldest) < _SENT) & (_ago(as_of, newest) >= _SENT)).sum()

    found = (
        touches.group_by(_WHO)
        .agg(
            role=pl.col("role").last(),
            first_at=_SENT.min(),
            last_at=_SENT.max(),
            mails_30=within(0, 30),
            mails_90=within(0, 90),
            mails_90_before=within(90, 180),
            earlier=within(CHAMPION_QUIET, CHAMPION_SPAN),
        )
        .collect(engine=engine_of(touches))
    )
    whole = pl.col("mails_90").sum().over("account")
    return found.with_columns(share_90=pl.when(whole > 0).then(pl.col("mails_90") / whole))


def _successors(
    inbound: pl.LazyFrame, found: pl.DataFrame, quiet: pl.DataFrame, as_of: dt.datetime
) -> pl.DataFrame:
    """Return ``successor`` of contacts who went quiet: the first newcomer who continued one of their conversations."""
    left = (
        inbound.join(quiet.lazy().select(_WHO), on=_WHO, how="semi")
        .group_by("account", "conversation", left="person")
        .agg(left_at=_SENT.max())
    )
    newcomers = found.lazy().filter(pl.col("first_at") > _ago(as_of, CHAMPION_SPAN)).select(*_WHO, "first_at")
    return (
        inbound.join(newcomers, on=_WHO)
        .join(left, on=["account", "conversation"])
        .filter(pl.col("left_at") < _SENT, pl.col("first_at") > pl.col("left_at"))
        .sort("sent_at", "person")
        .group_by("account", person="left")
        .agg(successor=pl.col("person").first())
        .collect(engine=engine_of(inbound))
    )


def _ago(as_of: dt.datetime, days: int) -> pl.Expr:
    return window_bounds(as_of, days)[0]


def correspondents(snapshot: Snapshot) -> pl.LazyFrame:
    """Return ``account_id``, ``contacts`` (people of the customer who wrote) and ``colleagues`` (people of your team).

    Accounts without mail have no row.
    """
    person, outbound = pl.col("person"), pl.col("outbound")
    ids = pl.lit(snapshot.accounts["account_id"]).gather(pl.col("account"))
    return (
        snapshot.facts.touches.filter(pl.col("sent_at") <= snapshot.as_of)
        .group_by("account")
        .agg(
            contacts=person.filter(~outbound).n_unique().cast(pl.Int64),
            colleagues=person.filter(outbound).n_unique().cast(pl.Int64),
        )
        .sort("account")
        .select(ids.alias("account_id"), "contacts", "colleagues")
    )


def work(snapshot: Snapshot) -> pl.DataFrame:
    """Return one row per person of your team and week with emails to accounts.

    Returns:
        ``person`` (an address), ``role``, ``week`` (0 is the oldest of 13, each of seven days up to ``as_of``),
        ``mails``, and the number of each of ``KINDS``.
    """
    found = work_by_week(snapshot.facts.touches, snapshot.as_of)
    address = pl.lit(snapshot.people["address"]).gather(pl.col("person"))
    return found.with_columns(person=address).sort("person", "week")


def work_by_week(marked: pl.LazyFrame, as_of: dt.datetime) -> pl.DataFrame:
    """Return the rows of ``work``, with each person as a number instead of an address.

    Args:
        marked: touches that went through ``turns.with_conversations``.
        as_of: the date and time at which the last week ends.
    """
    week = dt.timedelta(days=7)
    opening, sent_at = pl.col("opening"), pl.col("sent_at")
    ago = (pl.lit(as_of) - sent_at).dt.total_microseconds() // (week // dt.timedelta(microseconds=1))
    in_ticket = pl.when(opening).then(TICKET).forward_fill()
    return (
        marked.select("person", "role", "outbound", "opening", "sent_at", ticket=in_ticket)
        .filter("outbound", sent_at > as_of - WEEKS * week, sent_at <= as_of)
        .with_columns(week=WEEKS - 1 - ago)
        .group_by("person", "role", "week")
        .agg(
            mails=pl.len().cast(pl.Int64),
            opened=opening.sum().cast(pl.Int64),
            tickets=(pl.col("ticket") & ~opening).sum().cast(pl.Int64),
        )
        .with_columns(
            pl.col("week").cast(pl.Int64),
            pl.col("role").cast(pl.String),
            other=pl.col("mails") - pl.col("opened") - pl.col("tickets"),
        )
        .collect(engine=engine_of(marked))
    )
