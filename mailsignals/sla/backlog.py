"""The queue: unresolved tickets, the side that writes next, and the next due time."""

import datetime as dt

import polars as pl

from mailsignals.sla.cases import PENDING
from mailsignals.sla.promises import Promises
from mailsignals.sla.tickets import Tickets
from mailsignals.units import hours

SPAN = dt.timedelta(days=90)
"""The age from which a ticket is no longer in the queue."""

AT_RISK = 0.5
"""The used share of a target from which an open ticket is at risk."""

LATE, RISKY, IN_TIME = "late", "at risk", "in time"


def backlog(desk: Tickets) -> pl.DataFrame:
    """Return the unresolved tickets of the last 90 days, one row per ticket, the earliest due time first.

    Returns:
        ``conversation``, ``account``, ``contact``, ``agent``, ``tier``, ``opened_at``, ``age_hours``,
        ``waiting_for`` (``us`` or ``them``), ``waiting_hours`` (since the unanswered turn began),
        ``response_due_at`` (null without an unanswered email), ``resolution_due_at``, and of the earlier of these two:
        ``figure``, ``due_at``, ``left_hours`` (calendar hours; negative when overdue), ``state`` (``late``,
        ``at risk`` or ``in time``). After our response nothing is due, because it may become the resolution.
    """
    as_of = pl.lit(desk.as_of)
    waiting = desk.tickets.lazy().filter(
        pl.col("resolved_at").is_null() & (pl.col("opened_at") > as_of - SPAN) & (pl.col("inbound_turns") > 0)
    )
    cases = desk.cases.lazy().filter(pl.col("ended_at").is_null())
    of_response = pl.col("figure") != "resolution"
    responses = cases.filter(of_response).select(
        "conversation", "started_at", response="figure", response_due_at="due_at", response_used="used"
    )
    resolutions = cases.filter(~of_response).select(
        "conversation", "group", "verdict", resolution_due_at="due_at", resolution_used="used"
    )
    ours = pl.col("waiting_for") == "us"
    resolution_next = (
        ours
        & (pl.col("verdict") == PENDING)
        & (
            (pl.col("resolution_due_at") < pl.col("response_due_at")).fill_null(
                pl.col("resolution_due_at").is_not_null()
            )
        )
    )
    due_at = pl.when(resolution_next).then("resolution_due_at").otherwise("response_due_at")
    used = pl.when(resolution_next).then("resolution_used").otherwise("response_used")
    return (
        waiting.join(responses, on="conversation", how="left", maintain_order="left")
        .join(resolutions, on="conversation", how="left", maintain_order="left")
        .with_columns(
            figure=pl.when(resolution_next).then(pl.lit("resolution")).otherwise("response"),
            due_at=due_at,
            used=used,
        )
        .with_columns(figure=pl.when(pl.col("due_at").is_not_null()).then("figure"), state=_state(as_of))
        .sort("due_at", "opened_at", "conversation", nulls_last=True)
        .select(
            *("conversation", "account", "contact", "agent", "opened_at"),
            "waiting_for",
            "figure",
            "due_at",
            "state",
            "response_due_at",
            "resolution_due_at",
            tier="group",
            age_hours=hours(as_of - pl.col("opened_at")),
            waiting_hours=hours(as_of - pl.col("started_at")),
            left_hours=hours(pl.col("due_at") - as_of),
        )
        .collect()
    )


def _state(as_of: pl.Expr) -> pl.Expr:
    """The state of a ticket by its next due time; null where nothing is due."""
    return (
        pl.when(pl.col("due_at") <= as_of)
        .then(pl.lit(LATE))
        .when(pl.col("used") > AT_RISK)
        .then(pl.lit(RISKY))
        .when(pl.col("due_at").is_not_null())
        .then(pl.lit(IN_TIME))
    )


def owed_tickets(desk: Tickets, promises: Promises, *, timezone: str) -> pl.DataFrame:
    """Return the rows of ``backlog`` with an unanswered email and a due time, those not yet overdue first.

    Within both parts the due time nearest to the as-of time comes first. The added columns are ``late``, ``due_on``
    (a date in the time zone), ``open_hours`` (business hours to or since the due time) and ``by_calendar`` (false
    where these are calendar hours).
    """
    as_of, due_at, policy = pl.lit(desk.as_of), pl.col("due_at"), pl.col("policy")
    earlier, later = pl.min_horizontal(as_of, due_at), pl.max_horizontal(as_of, due_at)
    tiers = desk.cases.select("conversation", "own_tier").unique("conversation")
    late = pl.col("state") == LATE
    return (
        backlog(desk)
        .filter(pl.col("waiting_for") == "us", due_at.is_not_null())
        .sort(late, (due_at - as_of).abs(), maintain_order=True)
        .join(tiers, on="conversation", how="left", maintain_order="left")
        .with_columns(policy=promises.policy_of_tier(pl.col("own_tier"), earlier))
        .with_columns(
            late=late,
            due_on=due_at.dt.convert_time_zone(timezone).dt.date(),
            open_hours=promises.hours_between(policy, earlier, later),
            by_calendar=promises.in_open_hours(promises.policy_of_tier(pl.col("own_tier"), as_of)),
        )
        .drop("own_tier", "policy")
    )
