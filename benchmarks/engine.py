"""Stages of mailsignals itself."""

import cProfile
import datetime as dt
import pstats
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import polars as pl

from benchmarks.company import (
    ACCOUNTS,
    AS_OF,
    CONVERSATION_RULES,
    REPLY_HORIZON,
    TOUCH_RULES,
    WEEKLY,
    directory,
    promises,
)
from benchmarks.files import LINKS, MESSAGES, PROGRAMS, TOUCHES
from benchmarks.measure import Figures
from mailsignals import turns
from mailsignals.signals.facts import Facts, facts
from mailsignals.signals.pipeline import signals
from mailsignals.touches.build import Touches, build

Result = TypeVar("Result")

TOUCH_COLUMNS = ["account", "thread", "sent_at", "outbound", "role", "person", "urgent"]
LINK_COLUMNS = ["account", "sent_at", "previous_at", "stored_at"]


def scan_messages(folder: Path) -> Figures:
    """Read all messages and do nothing else; return the number of rows."""
    return {"rows": _messages(folder).collect(engine="streaming").height}


def touches(folder: Path) -> Figures:
    """Convert messages to touches and links, write them as sorted Parquet files, and return their numbers."""
    found = build(_messages(folder), directory, TOUCH_RULES)
    found.frame.write_parquet(folder / TOUCHES, compression="zstd")
    found.links.write_parquet(folder / LINKS, compression="zstd")
    found.programs.write_parquet(folder / PROGRAMS, compression="zstd")
    return {"touches": found.frame.height, "links": found.links.height, "addresses": found.people.height}


def touches_parts(folder: Path) -> Figures:
    """Return the processor seconds of messages to touches by function, including called functions."""

    def built() -> Touches:
        return build(_messages(folder), directory, TOUCH_RULES)

    return _parts(built, ("mailsignals/touches/", "mailsignals/threads", "mailsignals/accounts/match"))


def scan_touches(folder: Path) -> Figures:
    """Read the columns of touches that signals need and do nothing else; return the number of rows."""
    return {"rows": _touches(folder).select(TOUCH_COLUMNS).collect(engine="streaming").height}


def scan(folder: Path) -> Figures:
    """Read the columns of touches and links that signals need and do nothing else; return the number of rows."""
    rows = scan_touches(folder)["rows"]
    return {"rows": rows + _links(folder).select(LINK_COLUMNS).collect(engine="streaming").height}


def turns_of_touches(folder: Path) -> Figures:
    """Convert touches to turns; return the number of rows."""
    found = turns.turns(turns.with_conversations(_touches(folder), CONVERSATION_RULES))
    return {"rows": found.collect(engine="streaming").height}


def signals_one(folder: Path) -> Figures:
    """Compute all signals as of one time; return the number of rows."""
    return {"rows": signals_at(folder, [AS_OF]).height}


def signals_weekly(folder: Path) -> Figures:
    """Compute all signals as of 78 weekly times; return the number of rows."""
    return {"rows": signals_at(folder, WEEKLY).height}


def signals_weekly_parts(folder: Path) -> Figures:
    """Return the processor seconds of weekly signals by function, including called functions."""
    return _parts(lambda: signals_at(folder, WEEKLY), ("mailsignals/signals/",))


def signals_at(folder: Path, as_ofs: Sequence[dt.datetime]) -> pl.DataFrame:
    """Return all signals of all accounts, as of the given times."""
    return signals(facts_in(folder), as_ofs, reply_horizon=REPLY_HORIZON)


def facts_in(folder: Path) -> Facts:
    """Return the facts of all accounts from the files of a folder."""
    return facts(
        _touches(folder),
        _links(folder),
        pl.scan_parquet(folder / PROGRAMS),
        accounts=pl.Series(range(ACCOUNTS), dtype=pl.UInt32),
        rules=CONVERSATION_RULES,
        promises=promises(),
    )


def _messages(folder: Path) -> pl.LazyFrame:
    return pl.scan_parquet(folder / MESSAGES / "*.parquet")


def _touches(folder: Path) -> pl.LazyFrame:
    return pl.scan_parquet(folder / TOUCHES)


def _links(folder: Path) -> pl.LazyFrame:
    return pl.scan_parquet(folder / LINKS)


def _parts(function: Callable[[], Result], modules: tuple[str, ...]) -> Figures:
    """Return the processor seconds of each function of these modules with at least 0.05 s."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(function)
    found: dict[str, float] = {}
    for (path, _, name), (_, _, _, cumulative, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if name.isidentifier() and cumulative >= 0.05 and any(module in path for module in modules):
            found[f"{Path(path).stem}.{name}"] = round(cumulative, 2)
    return dict(sorted(found.items(), key=lambda part: -part[1]))
