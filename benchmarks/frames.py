"""Signals in pandas, in idiomatic vectorised code without Python per row."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from benchmarks.company import ACCOUNTS, AS_OF, REPLY_HORIZON, WEEKLY, targets
from benchmarks.files import LINKS, TOUCHES
from benchmarks.measure import Figures
from benchmarks.waiting import rhythm, silence, waiting

DAY = pd.Timedelta(days=1)
HOUR = pd.Timedelta(hours=1)
WINDOWS = (30, 60, 90)
COUNTS = ["inbound", "outbound", "chasers", "urgent", "active_contacts", "checkins", "open_turns"]


def one(folder: Path) -> Figures:
    """Compute all signals as of one time; return the number of rows."""
    return {"rows": signals(folder, [AS_OF]).height}


def weekly(folder: Path) -> Figures:
    """Compute all signals as of 78 weekly times; return the number of rows."""
    return {"rows": signals(folder, WEEKLY).height}


def signals(folder: Path, as_ofs: Sequence[dt.datetime]) -> pl.DataFrame:
    """Return the signals by account, as-of time and window, in any order; facts are computed once for all times."""
    last = pd.Timestamp(max(as_ofs))
    columns = ["account", "thread", "sent_at", "outbound", "role", "person", "urgent"]
    touches = pd.read_parquet(folder / TOUCHES, columns=columns, filters=[("sent_at", "<=", last)])
    columns = ["account", "sent_at", "previous_at", "stored_at"]
    links = pd.read_parquet(folder / LINKS, columns=columns, filters=[("sent_at", "<=", last)])
    marked = mark(touches)
    found_turns = turns(marked)
    days = rhythm(marked)
    frames = [_at(pd.Timestamp(as_of), marked, found_turns, links, days) for as_of in as_ofs]
    return pl.from_pandas(pd.concat(frames, ignore_index=True))


def mark(touches: pd.DataFrame) -> pd.DataFrame:
    """Return sorted touches with ``opening``, ``turning``, ``chasing`` and ``conversation``."""
    account, thread, outbound = touches["account"], touches["thread"], touches["outbound"]
    fresh = (account != account.shift()) | (thread != thread.shift())
    silence_ = touches["sent_at"].diff()
    outbound_before = outbound.cumsum() - outbound
    at_cut = outbound_before.where(fresh | (silence_ > 14 * DAY)).ffill()
    answered_before = outbound_before != at_cut.shift()
    opening = fresh | (silence_ > 90 * DAY) | ((silence_ > 14 * DAY) & answered_before)
    turning = opening | (outbound != outbound.shift())
    return touches.assign(
        opening=opening,
        turning=turning,
        chasing=~outbound & ~turning & (silence_ >= 4 * HOUR),
        conversation=opening.cumsum(),
    )


def turns(marked: pd.DataFrame) -> pd.DataFrame:
    """Return one row per turn, with the time of its answer and its due time."""
    starts = marked[marked["turning"]]
    following = starts["conversation"].shift(-1) == starts["conversation"]
    hours = targets().to_pandas().set_index("account").reindex(range(ACCOUNTS))
    account = starts["account"].to_numpy()
    first = hours["first_response_hours"].to_numpy()[account]
    later = hours["next_response_hours"].fillna(hours["first_response_hours"]).to_numpy()[account]
    promised = np.where(starts["opening"], first, later)
    promised[starts["outbound"].to_numpy()] = np.nan
    return pd.DataFrame(
        {
            "account": starts["account"],
            "outbound": starts["outbound"],
            "opening": starts["opening"],
            "checkin": starts["outbound"] & starts["opening"] & (starts["role"] == "cs"),
            "started_at": starts["sent_at"],
            "answered_at": starts["sent_at"].shift(-1).where(following),
            "due_at": starts["sent_at"] + pd.to_timedelta(promised, unit="h"),
        }
    )


def _at(
    as_of: pd.Timestamp, marked: pd.DataFrame, found: pd.DataFrame, links: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return all signals as of one time."""
    far = marked[(marked["sent_at"] > as_of - 180 * DAY) & (marked["sent_at"] <= as_of)]
    near = found[(found["started_at"] > as_of - 90 * DAY) & (found["started_at"] <= as_of)]
    named = links[(links["sent_at"] > as_of - 90 * DAY) & (links["sent_at"] <= as_of)]
    answered = near["answered_at"] <= as_of
    took = near["answered_at"].where(answered, as_of) - near["started_at"]
    near = near.assign(answered=answered, hours=took / HOUR)
    moments = pd.concat([silence(marked, found, days, as_of), waiting(near, far, as_of)], axis=1)
    windows = [_window(as_of, size, far, near, named).join(moments) for size in WINDOWS]
    all_windows = pd.concat(windows).reset_index()
    all_windows[COUNTS] = all_windows[COUNTS].fillna(0).astype("int64")
    return all_windows


def _window(
    as_of: pd.Timestamp, size: int, far: pd.DataFrame, near: pd.DataFrame, named: pd.DataFrame
) -> pd.DataFrame:
    since = as_of - size * DAY
    touches = far[far["sent_at"] > since]
    before = far[(far["sent_at"] <= since) & (far["sent_at"] > since - size * DAY) & ~far["outbound"]]
    found = pd.DataFrame({"as_of": as_of, "window_days": size}, index=pd.RangeIndex(ACCOUNTS, name="account"))
    found = found.join([_volume(touches), _people(touches), _turns(near[near["started_at"] > since], as_of)])
    found = found.join(_visibility(named[named["sent_at"] > since], since, as_of))
    earlier = before.groupby("account").size().reindex(found.index)
    return found.assign(inbound_trend=found["inbound"].fillna(0) / earlier - 1)


def _volume(touches: pd.DataFrame) -> pd.DataFrame:
    inbound = ~touches["outbound"]
    marks = {
        "inbound": inbound,
        "outbound": touches["outbound"],
        "chasers": touches["chasing"],
        "urgent": touches["urgent"] & inbound,
    }
    return pd.DataFrame(marks).groupby(touches["account"]).sum()


def _people(touches: pd.DataFrame) -> pd.DataFrame:
    mails = touches.groupby(["account", "outbound", "person"]).size().rename("mails").reset_index()
    mails["information"] = mails["mails"] * np.log(mails["mails"])
    sums = mails.groupby(["account", "outbound"]).agg(
        people=("mails", "size"), mails=("mails", "sum"), information=("information", "sum")
    )
    sums["breadth"] = np.exp(np.log(sums["mails"]) - sums["information"] / sums["mails"])
    inbound, outbound = sums.xs(key=False, level="outbound"), sums.xs(key=True, level="outbound")
    named = {
        "active_contacts": inbound["people"],
        "contact_breadth": inbound["breadth"],
        "our_breadth": outbound["breadth"],
    }
    return pd.DataFrame(named)


def _turns(near: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    answered = near[near["answered"]]
    ours, theirs = answered[~answered["outbound"]], answered[answered["outbound"]]
    by_us, by_them = ours.groupby("account")["hours"], theirs.groupby("account")["hours"]
    named = {
        "response_hours_median": by_us.median(),
        "response_hours_p90": by_us.quantile(0.9),
        "first_response_hours_median": ours[ours["opening"]].groupby("account")["hours"].median(),
        "response_hours_km_median": _kaplan_meier(near[~near["outbound"]]),
        "customer_response_hours_median": by_them.median(),
        "customer_response_hours_p90": by_them.quantile(0.9),
        "customer_response_hours_km_median": _kaplan_meier(near[near["outbound"]]),
    }
    eligible = near["checkin"] & (near["started_at"] <= as_of - REPLY_HORIZON)
    due = near["due_at"] <= as_of
    marks = {
        "opened": near["opening"],
        "opened_inbound": near["opening"] & ~near["outbound"],
        "checkins": near["checkin"],
        "eligible": eligible,
        "replied": eligible & (near["answered_at"] - near["started_at"] <= REPLY_HORIZON),
        "due": due,
        "unreplied": due & ~near["answered"],
    }
    sums = pd.DataFrame(marks).groupby(near["account"]).sum()
    return pd.DataFrame(
        named
        | {
            "initiation_share": sums["opened_inbound"] / sums["opened"],
            "checkins": sums["checkins"],
            "thread_response_rate": sums["replied"] / sums["eligible"],
            "unreplied_rate": sums["unreplied"] / sums["due"],
        }
    )


def _kaplan_meier(near: pd.DataFrame) -> pd.Series:
    ordered = near.sort_values(["account", "hours", "answered"], ascending=[True, True, False])
    by_account = ordered.groupby("account")
    at_risk = by_account.cumcount(ascending=False) + 1
    survival = (1 - ordered["answered"] / at_risk).groupby(ordered["account"]).cumprod()
    reached = ordered[ordered["answered"] & (survival <= 0.5 + 1e-12)]
    return reached.groupby("account")["hours"].first()


def _visibility(named: pd.DataFrame, since: pd.Timestamp, as_of: pd.Timestamp) -> pd.DataFrame:
    first = named[~(named["previous_at"] > since)]
    unseen = ~(first["stored_at"] <= as_of)
    return unseen.groupby(first["account"]).mean().rename("visibility_gap").to_frame()
