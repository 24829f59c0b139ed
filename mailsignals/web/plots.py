"""The charts of an account: frames in, views out, each in the form that static/charts.js reads."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

View = Mapping[str, Any]
SHORTEST_HOURS = 1 / 60
"""The shortest response time that is drawn, because a logarithmic axis has no zero."""
LEAST_DAYS = 2
"""The number of recorded days from which a line can be drawn."""


def seconds(day: dt.date) -> int:
    """Return the midnight, in UTC, at which a day begins, in seconds since 1970."""
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def risk(
    scores: pl.DataFrame,
    flags: Iterable[Mapping[str, Any]],
    account: Mapping[str, Any],
    *,
    today: dt.date,
) -> View | None:
    """Return the chart of the risk on each recorded day, with flags, renewal and churn; None without two such days.

    It begins at the first recorded day and ends today. One line per source, so that no line joins days of different
    methods.

    Args:
        scores: of the account, in ``SCORES_SCHEMA``, by day.
        flags: of it, those that people may see, in ``FLAG_SCHEMA``.
        account: the account's row.
        today: the day of the edition.
    """
    judged = scores.filter(pl.col("risk").is_not_null())
    if judged.height < LEAST_DAYS:
        return None
    days = judged["scored_on"].to_list()
    known = ((account["renewal_on"], "renewal"), (account["churned_on"], "churned"))
    return {
        "x": [seconds(day) for day in days],
        "timezone": "UTC",
        "unit": "%",
        "until": seconds(max(today, days[-1])),
        "least": 0.1,
        "lines": _by_source(judged),
        "spans": [
            {
                "from": seconds(flag["opened_on"]),
                "to": seconds(flag["closed_on"] or today),
                "name": "flag",
            }
            for flag in flags
            if (flag["closed_on"] or today) >= days[0]
        ],
        "marks": [
            {"at": seconds(day), "name": word}
            for day, word in known
            if day is not None and days[0] <= day <= today
        ],
    }


def _by_source(judged: pl.DataFrame) -> Sequence[View]:
    """Return one line per source, the oldest first; null on the days of other sources."""
    risks = judged["risk"].round(4)
    sources = judged["source"]
    every = sources.unique(maintain_order=True).to_list()
    return [
        {
            "name": "Risk" if source == every[-1] else "Risk by an earlier method",
            "colour": "accent" if source == every[-1] else "soft",
            "dashed": source != every[-1],
            "values": [value if own else None for value, own in zip(risks, sources == source, strict=True)],
        }
        for source in every
    ]


def weeks(found: pl.DataFrame, *, today: dt.date) -> View | None:
    """Return the chart of both sides' emails by week, from the first week with mail; None without any mail."""
    if found.is_empty():
        return None
    first: dt.date = found["week_on"].to_list()[0]
    last = today - dt.timedelta(days=today.weekday())
    every = pl.DataFrame({"week_on": pl.date_range(first, last, "1w", eager=True)})
    filled = every.join(found, on="week_on", how="left", maintain_order="left").fill_null(0)
    return {
        "x": [seconds(day) for day in filled["week_on"]],
        "timezone": "UTC",
        "unit": "emails",
        "of": "Week from",
        "step": 7 * 86400,
        "up": {"name": "Customer emails", "colour": "theirs", "values": filled["theirs"].to_list()},
        "down": {"name": "Team emails", "colour": "ours", "values": filled["ours"].to_list()},
    }


def response_times(months: pl.DataFrame, *, today: dt.date) -> View | None:
    """Return the chart of both sides' median response times by month, with unanswered shares; None without turns.

    Every month from the first with a turn to that of ``today`` has a place; a month without a figure has null.

    Args:
        months: as ``queries.account.response_months`` returns them.
        today: the day of the edition.
    """
    if months.is_empty():
        return None
    first: dt.date = months["month_on"].to_list()[0]
    every = pl.DataFrame({"month_on": pl.date_range(first, today.replace(day=1), "1mo", eager=True)})
    filled = every.join(months, on="month_on", how="left", maintain_order="left")
    return {
        "x": [seconds(day) for day in filled["month_on"]],
        "timezone": "UTC",
        "unit": "hours",
        "of": "Month",
        "lines": [
            {
                "name": f"{name} response time",
                "shares": f"{name} unanswered share",
                "colour": colour,
                "dashed": side == "their",
                "values": filled[f"{side}_hours"].clip(lower_bound=SHORTEST_HOURS).round(2).to_list(),
                "unanswered": filled[f"{side}_unanswered_share"].round(4).to_list(),
            }
            for side, name, colour in (("our", "Our", "ours"), ("their", "Their", "theirs"))
        ],
    }
