"""Events for alerts: tickets about to breach, breached or escalated, and accounts new at risk; pure.

An event stays the same as long as the same email is unanswered, or the same flag is open.
"""

import datetime as dt
import hashlib
from collections.abc import Collection

import polars as pl

from mailsignals.flags.episodes import ENTERING, HIGH, PERSISTING
from mailsignals.flags.flags import visible_flags
from mailsignals.schema import INSTANT
from mailsignals.sla.cases import BREACHED, PENDING
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import Tickets
from mailsignals.units import hours_of

DUE_SOON, ESCALATED, AT_RISK = "due_soon", "escalated", "at_risk"

HORIZON = dt.timedelta(days=14)
"""Events that began longer ago are left to digests."""

ID_BYTES = 12

EVENT_SCHEMA = pl.Schema(
    {
        "kind": pl.String(),
        "account_id": pl.String(),
        "began_at": INSTANT,
        "conversation": pl.UInt32(),
        "tier": pl.String(),
        "contact": pl.String(),
        "opened_at": INSTANT,
        "person": pl.String(),
        "asked_at": INSTANT,
        "agent": pl.String(),
        "figure": pl.String(),
        "due_at": INSTANT,
        "open_hours": pl.Float64(),
        "promised_hours": pl.Float64(),
        "by_calendar": pl.Boolean(),
    }
)
"""One row per event; columns after ``began_at`` are null for an account at risk.

``contact`` opened the ticket at ``opened_at``; ``person`` sent the unanswered email at ``asked_at``. Null for an
escalated ticket are ``figure``, ``due_at``, ``open_hours`` (until then, or since), ``promised_hours`` (the target) and
``by_calendar`` (whether these are business hours).
"""


def of_desk(desk: Tickets, promises: Promises, *, tiers: Collection[str], at_share: float) -> pl.DataFrame:
    """Return the events of tickets, in ``EVENT_SCHEMA`` with numbers for accounts (``account``) and people.

    Args:
        desk: the tickets at a date and time.
        promises: to the same accounts.
        tiers: with tickets that are about to breach once ``at_share`` of the target has passed, in business hours.
        at_share: of the target.
    """
    as_of = pl.lit(desk.as_of)
    unresolved = desk.tickets.lazy().filter(pl.col("resolved_at").is_null())
    opened = unresolved.select("conversation", "contact", "opened_at", "waiting_for")
    policy, due_at = pl.col("policy"), pl.col("due_at")
    started = promises.passed(policy, pl.col("started_at"))
    target = promises.passed(policy, due_at) - started
    until = (promises.passed(policy, due_at) - promises.passed(policy, as_of)).abs()
    part = (target * at_share).round().cast(pl.Int64)
    cases = (
        desk.cases.lazy()
        .filter(pl.col("ended_at").is_null(), due_at > as_of - HORIZON)
        .join(opened, on="conversation")
        .filter(pl.col("waiting_for") == "us")
        .with_columns(policy=promises.policy_of_tier(pl.col("own_tier"), pl.col("started_at")))
        .with_columns(
            soon_at=promises.due_at(policy, passed=started, target=part),
            open_hours=hours_of(until),
            promised_hours=hours_of(target),
            by_calendar=promises.in_open_hours(policy),
        )
        .rename({"group": "tier", "started_at": "asked_at"})
    )
    verdict = pl.col("verdict")
    soon = (verdict == PENDING) & (pl.col("soon_at") <= as_of) & pl.col("tier").is_in(list(tiers))
    found = [
        cases.filter(soon).with_columns(kind=pl.lit(DUE_SOON), began_at="soon_at"),
        cases.filter(verdict == BREACHED).with_columns(kind=pl.lit(BREACHED), began_at="due_at"),
        _escalated(unresolved),
    ]
    columns = ["account", *(name for name in EVENT_SCHEMA.names() if name != "account_id")]
    return pl.concat(found, how="diagonal").filter(_is_recent(desk.as_of)).select(pl.col(columns)).collect()


def _is_recent(as_of: dt.datetime) -> pl.Expr:
    return pl.col("began_at") > as_of - HORIZON


def _escalated(unresolved: pl.LazyFrame) -> pl.LazyFrame:
    """Return unresolved tickets in which two or more colleagues have replied."""
    return unresolved.filter(pl.col("escalated_at").is_not_null()).with_columns(
        kind=pl.lit(ESCALATED), began_at="escalated_at", person="contact", asked_at="opened_at"
    )


def of_flags(found: pl.DataFrame, scores: pl.DataFrame, *, as_of: dt.datetime) -> pl.DataFrame:
    """Return the visible accounts that entered high risk and still have it, in ``EVENT_SCHEMA``.

    Args:
        found: in ``FLAG_SCHEMA``, at the date and time.
        scores: recorded days, in ``SCORES_SCHEMA``, at least those on which flags opened.
        as_of: the date and time.
    """
    began = scores.select("account_id", opened_on="scored_on", began_at="scored_at")
    return (
        visible_flags(found)
        .filter(pl.col("state").is_in([ENTERING, PERSISTING]), pl.col("level") == HIGH)
        .join(began, on=["account_id", "opened_on"])
        .filter(_is_recent(as_of))
        .select(
            kind=pl.lit(AT_RISK),
            account_id="account_id",
            began_at="began_at",
            **{name: pl.lit(None, dtype) for name, dtype in list(EVENT_SCHEMA.items())[3:]},
        )
    )


def with_event_ids(matters: pl.DataFrame, mails: pl.DataFrame) -> pl.DataFrame:
    """Return events with ``matter``: an id that stays the same in every run.

    The time of an email may change when an earlier copy is synced. So the id follows from its Message-ID, and from the
    time only without one.

    Args:
        matters: in ``EVENT_SCHEMA``.
        mails: ``sender``, ``sent_at`` and ``message_id`` of emails, at least those of the events.
    """
    known = mails.group_by(person="sender", asked_at="sent_at").agg(pl.col("message_id").drop_nulls().min())
    named = matters.join(known, on=["person", "asked_at"], how="left", maintain_order="left")
    began_at, asked_at = (pl.col(name).to_physical().cast(pl.String) for name in ("began_at", "asked_at"))
    mail = pl.when(pl.col("kind") == AT_RISK).then(began_at).otherwise(pl.coalesce("message_id", asked_at))
    what = pl.when(pl.col("figure") == "resolution").then("figure").otherwise(pl.lit("response"))
    keys = named.select(
        pl.concat_str("kind", what, pl.col("person").fill_null(""), "account_id", mail, separator="\x1f")
    )
    ids = [
        hashlib.blake2b(key.encode(), digest_size=ID_BYTES).hexdigest() for key in keys.to_series().to_list()
    ]
    return matters.with_columns(pl.Series("matter", ids, dtype=pl.String))
