"""What the charts of an account show: frames in, views out, each as static/charts.js wants it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from mailsignals.readmodel.tables.account import ANSWER_DAYS
from mailsignals.units import hours
from mailsignals.wording.numbers import predicted_event
from mailsignals.wording.risk import model_of, sets_order

View = Mapping[str, Any]
SHORTEST_HOURS = 1 / 60
"""An answer within a minute is drawn as one of a minute, because an axis of magnitudes has no zero."""
LEAST_AHEAD = dt.timedelta(days=14)
"""A renewal that is ahead is drawn within so many days, or within a third of what is recorded."""
MOST_ANSWERS = 2000
"""A chart has no room for more."""


def seconds(day: dt.date) -> int:
    """The midnight, in UTC, with which a day begins, in seconds since 1970."""
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def risk(
    scores: pl.DataFrame,
    flags: Iterable[Mapping[str, Any]],
    account: Mapping[str, Any],
    *,
    today: dt.date,
) -> View | None:
    """The risk on each recorded day, with flags, renewal and churn; none where no risk was recorded.

    One line per source, so that no line joins days that were judged by different methods.

    Args:
        scores: of the account, in ``SCORES_SCHEMA``, by day.
        flags: of it, those that people may see, in ``FLAG_SCHEMA``.
        account: the account's row.
        today: the day of what is shown.
    """
    judged = scores.filter(pl.col("risk").is_not_null())
    if judged.is_empty():
        return None
    days = judged["scored_on"].to_list()
    known = ((account["renewal_on"], "renewal"), (account["churned_on"], "left"))
    ahead = today + max(LEAST_AHEAD, (days[-1] - days[0]) / 3)
    shown = [(day, word) for day, word in known if day is not None and days[0] <= day <= ahead]
    return {
        "x": [seconds(day) for day in days],
        "timezone": "UTC",
        "unit": "%",
        "until": seconds(max([today, *(day for day, _ in shown)])),
        "least": 0.1,
        "lines": _by_source(judged),
        "spans": [
            {
                "from": seconds(flag["opened_on"]),
                "to": seconds(flag["closed_on"] or today),
                "name": "flag",
            }
            for flag in flags
        ],
        "marks": [{"at": seconds(day), "name": word} for day, word in shown],
    }


def _by_source(judged: pl.DataFrame) -> Sequence[View]:
    """A line for each source, the first one first; null on the days of others."""
    risks = judged["risk"].round(4)
    sources = judged["source"]
    every = sources.unique(maintain_order=True).to_list()
    return [
        {
            "name": line_name(source),
            "colour": "accent" if source == every[-1] else "soft",
            "dashed": source != every[-1],
            "values": [value if own else None for value, own in zip(risks, sources == source, strict=True)],
        }
        for source in every
    ]


def line_name(source: str) -> str:
    """Return the name of a line of recorded risk, by what judged the days."""
    if sets_order(source):
        return f"Chance of {predicted_event(source)} within 90 days, by {source}"
    return "Risk" if (model := model_of(source)) is None else f"Risk, with {model}"


def weeks(found: pl.DataFrame, *, today: dt.date) -> View | None:
    """Mails of either side by week from the first one with mail; none without any."""
    if found.is_empty():
        return None
    first: dt.date = found["week_on"].to_list()[0]
    last = today - dt.timedelta(days=today.weekday())
    every = pl.DataFrame({"week_on": pl.date_range(first, last, "1w", eager=True)})
    filled = every.join(found, on="week_on", how="left", maintain_order="left").fill_null(0)
    return {
        "x": [seconds(day) for day in filled["week_on"]],
        "timezone": "UTC",
        "unit": "mails",
        "of": "Week from",
        "step": 7 * 86400,
        "up": {"name": "They wrote", "colour": "theirs", "values": filled["theirs"].to_list()},
        "down": {"name": "We wrote", "colour": "ours", "values": filled["ours"].to_list()},
    }


def recent(found: pl.LazyFrame, *, as_of: dt.datetime) -> pl.LazyFrame:
    """The newest turns of the last half year, as many as are drawn."""
    since = as_of - dt.timedelta(days=ANSWER_DAYS)
    shown = found.filter(pl.col("started_at") > since).select(
        "started_at", "answered_at", "outbound", "hours"
    )
    return shown.top_k(MOST_ANSWERS, by="started_at")


def answers(found: pl.DataFrame, *, as_of: dt.datetime, timezone: str) -> View | None:
    """Return the chart of response times in hours, one point per turn, or its age if unanswered; None without turns.

    Args:
        found: what ``recent`` let through.
        as_of: the date and time of what is shown.
        timezone: of the viewer.
    """
    if found.is_empty():
        return None
    newest = found.sort("started_at")
    age = hours(pl.lit(as_of) - pl.col("started_at"))
    took = pl.coalesce("hours", age).clip(lower_bound=SHORTEST_HOURS).round(2)
    is_open = pl.col("answered_at").is_null()
    lines: Sequence[tuple[str, str, bool, pl.Expr]] = (
        ("We answered", "ours", False, ~pl.col("outbound") & ~is_open),
        ("They answered", "theirs", False, pl.col("outbound") & ~is_open),
        ("Unanswered by us, for", "ours", True, ~pl.col("outbound") & is_open),
        ("Unanswered by them, for", "theirs", True, pl.col("outbound") & is_open),
    )
    drawn = newest.select(
        pl.col("started_at").dt.epoch("s").alias("x"),
        *(pl.when(which).then(took).alias(name) for name, _, _, which in lines),
    )
    return {
        "x": drawn["x"].to_list(),
        "timezone": timezone,
        "unit": "hours",
        "from": drawn["x"][0],
        "until": int(as_of.timestamp()),
        "lines": [
            {
                "name": name,
                "colour": colour,
                "open": hollow,
                "square": colour == "ours",
                "values": drawn[name].to_list(),
            }
            for name, colour, hollow, _ in lines
        ],
    }
