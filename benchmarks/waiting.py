"""Signals without a window in pandas: silences, unanswered emails, and the main contact."""

import pandas as pd

DAY = pd.Timedelta(days=1)


def rhythm(marked: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps between days with inbound mail: ``account``, ``first_at``, ``previous_last_at``, ``gap``."""
    inbound = marked[~marked["outbound"]]
    day = inbound["sent_at"].dt.floor("D").rename("day")
    by_day = inbound.groupby(["account", day])["sent_at"].agg(first_at="min", last_at="max").reset_index()
    before = by_day.groupby("account")[["day", "last_at"]].shift()
    gap = (by_day["day"] - before["day"]).dt.days
    return by_day.assign(previous_last_at=before["last_at"], gap=gap).dropna(subset="gap")


def silence(
    marked: pd.DataFrame, found: pd.DataFrame, days: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Return the days of silence of each side as of a time, by account."""
    seen = marked[marked["sent_at"] <= as_of]
    last = seen.groupby(["account", "outbound"])["sent_at"].max().unstack("outbound")
    checkins = found[found["checkin"] & (found["started_at"] <= as_of)].groupby("account")["started_at"].max()
    gaps = days[(days["first_at"] <= as_of) & (days["previous_last_at"] > as_of - 180 * DAY)]
    by_account = gaps.groupby("account")["gap"]
    usual = by_account.quantile(0.9).where(by_account.size() >= 5)
    since_inbound = (as_of - last[False]) / DAY
    return pd.DataFrame(
        {
            "days_since_checkin": (as_of - checkins) / DAY,
            "days_since_inbound": since_inbound,
            "days_since_outbound": (as_of - last[True]) / DAY,
            "overdue_ratio": since_inbound / usual,
        }
    )


def waiting(near: pd.DataFrame, far: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return unanswered emails, and whether the main contact is silent, as of a time by account."""
    open_ = near[~near["outbound"] & ~near["answered"]].groupby("account")["hours"]
    found = pd.DataFrame({"open_turns": open_.size(), "oldest_open_hours": open_.max()})
    return found.join(_champion(far[~far["outbound"]], as_of - 30 * DAY), how="outer")


def _champion(inbound: pd.DataFrame, quiet_since: pd.Timestamp) -> pd.Series:
    lately = inbound["sent_at"] > quiet_since
    marks = pd.DataFrame({"mails": ~lately, "lately": lately})
    contacts = marks.groupby([inbound["account"], inbound["person"]]).sum().reset_index()
    contacts = contacts[contacts["mails"] >= 5].sort_values(
        ["account", "mails", "person"], ascending=[True, False, True]
    )
    return (contacts.groupby("account")["lately"].first() == 0).rename("champion_quiet")
