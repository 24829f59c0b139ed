"""Stages of the dashboard's benchmark: a company's store with recorded scores, an edition, the server, and a sync."""

import datetime as dt
import itertools
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.company import ACCOUNTS, AGENTS, AS_OF, ROLE_OF_AGENT, TIER_HOURS
from benchmarks.files import MESSAGES
from benchmarks.measure import Figures
from benchmarks.storing import Arriving
from benchmarks.synthetic import write_messages
from connectors.base import Cursor, Page, Progress
from mailsignals import clock
from mailsignals.readmodel.editions import EditionStore
from mailsignals.service.http import serve_app
from mailsignals.store import Store
from mailsignals.store.tables.scores import SCORES_SCHEMA
from mailsignals.usecases.editions import prepare_edition
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace

TIERS = ("enterprise", "mid-market", "small", "free")
ZONES = ("Europe/Berlin", "America/Chicago", "Asia/Kolkata")
PAGE, SYNC_PAGE = 50_000, 500
SYNC_PAGES_A_SECOND = 2
"""Pages per second, a thousand messages, which is more than a provider's quota permits."""
DAYS_RECORDED = 365
HIGH_A_CSM = 5


def write_company(folder: Path, *, messages: int) -> Figures:
    """Write a configuration, an account list, a compacted store, and a year of recorded scores."""
    write_messages(folder, messages=messages)
    (folder / "config.toml").write_text(_config(), encoding="utf-8")
    _book().write_csv(folder / "accounts.csv")
    workspace = Workspace.load(folder / "config.toml")
    source = Arriving(mailbox="help@us.example")
    files = sorted((folder / MESSAGES).glob("*.parquet"))
    with Store.open(workspace.settings.store.path, mode="write") as store:
        for number, rows in enumerate(
            itertools.chain.from_iterable(pl.read_parquet(each).iter_slices(PAGE) for each in files)
        ):
            store.commit(source, _page(rows, number), at=clock.now())
        store.compact()
        for day in _scores():
            store.scores.add(day)
    return {"messages": messages, "recorded days": DAYS_RECORDED}


def derive(folder: Path) -> Figures:
    """Compute the touches, which the store caches until its messages change."""
    workspace = Workspace.load(folder / "config.toml")
    with workspace.at(AS_OF) as snapshot:
        snapshot.touches.collect_schema()
    return {}


def prepare(folder: Path) -> Figures:
    """Prepare an edition from existing touches."""
    workspace = Workspace.load(folder / "config.toml")
    prepare_edition(workspace, AS_OF)
    newest = max((workspace.settings.store.path / "prepared").glob("v*"))
    sizes = {each.stem: each.stat().st_size / 1e6 for each in sorted(newest.glob("*.parquet"))}
    return {f"MB of {name}": size for name, size in sizes.items()}


def serve(folder: Path) -> None:
    """Serve until standard input ends; the first printed line is the port."""
    workspace = Workspace.load(folder / "config.toml")
    site = Site(
        settings=lambda: workspace.settings,
        now=lambda: AS_OF,
        shelf=EditionStore(workspace.settings.store.path),
    )
    with serve_app(application(site), host="127.0.0.1", port=0) as port:
        print(port, flush=True)
        sys.stdin.read()


def sync(folder: Path) -> None:
    """Write pages of new mail like a sync until the process is stopped."""
    workspace = Workspace.load(folder / "config.toml")
    rows = pl.read_parquet(min((folder / MESSAGES).glob("*.parquet")), n_rows=SYNC_PAGE)
    source = Arriving(mailbox="new@us.example")
    with Store.open(workspace.settings.store.path, mode="write") as store:
        for number in itertools.count():
            began = time.perf_counter()
            new = rows.with_columns(provider_id=pl.lit(f"new {number} ") + pl.col("provider_id"))
            store.commit(source, _page(new, number), at=clock.now())
            print(number * SYNC_PAGE, flush=True)
            time.sleep(max(0.0, 1 / SYNC_PAGES_A_SECOND - (time.perf_counter() - began)))


def _page(rows: pl.DataFrame, number: int) -> Page:
    return Page(messages=rows, cursor=Cursor(str(number)), progress=Progress(number, None, "messages"))


def _config() -> str:
    people = "".join(
        f'[[people]]\naddress = "agent{number}@us.example"\nrole = "{role}"\n'
        for number, role in enumerate(ROLE_OF_AGENT)
    )
    tiers = "".join(
        f'[[tiers]]\nname = "{tier}"\nfirst_response_hours = {hours}\nnext_response_hours = {2 * hours}\n'
        f'resolution_hours = 24\ncalendar = "{zone.partition("/")[2].lower()}"\n'
        for tier, hours, zone in zip(TIERS, TIER_HOURS, ZONES, strict=False)
        if hours
    )
    week = "".join(f'{day} = ["09:00-12:00", "13:00-17:30"]\n' for day in ("mon", "tue", "wed", "thu", "fri"))
    calendars = "".join(
        f'[calendars.{zone.partition("/")[2].lower()}]\ntimezone = "{zone}"\n{week}' for zone in ZONES
    )
    return f"""[company]
name = "Us"
domains = ["us.example"]
timezone = "Europe/Berlin"
[store]
path = "store"
[accounts]
file = "accounts.csv"
[[people]]
address = "help@us.example"
role = "support"
{people}{tiers}[[tiers]]
name = "free"
{calendars}"""


def _book() -> pl.DataFrame:
    number = pl.int_range(ACCOUNTS, eager=True).alias("number")
    day = AS_OF.date()
    csms = [each for each in range(AGENTS) if ROLE_OF_AGENT[each] == "cs"]
    return pl.DataFrame({"number": number}).select(
        account_id=pl.format("account{}", "number"),
        name=pl.format("Account {} & Sons", "number"),
        tier=pl.lit(pl.Series(TIERS)).gather(pl.col("number") % len(TIERS)),
        csm=pl.format("agent{}@us.example", pl.lit(pl.Series(csms)).gather(pl.col("number") % len(csms))),
        domains=pl.format("account{}.example", "number"),
        started_on=pl.lit(day) - pl.duration(days=400 + pl.col("number") % 1_000),
        renewal_on=pl.lit(day) + pl.duration(days=1 + pl.col("number") * 7 % 365),
        arr=1_000.0 * (1 + pl.col("number") * 13 % 90),
    )


def _scores() -> list[pl.DataFrame]:
    """Return scores that differ by account and vary slowly, so that flags open and close."""
    rng = np.random.default_rng(7)
    book = _book().select("account_id", "csm")
    usual, level, days = 2 * rng.normal(size=ACCOUNTS), rng.normal(size=ACCOUNTS), []
    for ago in reversed(range(1, DAYS_RECORDED + 1)):
        level = 0.97 * level + np.sqrt(1 - 0.97**2) * rng.normal(size=ACCOUNTS)
        at = (AS_OF - dt.timedelta(days=ago)).replace(hour=6)
        scored = book.with_columns(score=pl.Series(usual + level).rank() / ACCOUNTS * 100)
        place = pl.col("score").rank(descending=True).over("csm")
        days.append(
            scored.with_columns(
                scored_on=pl.lit(at.date()),
                scored_at=pl.lit(at, dtype=pl.Datetime("us", "UTC")),
                state=pl.lit("active"),
                level=pl.when(pl.col("score") < 80)
                .then(pl.lit("low"))
                .when(place <= HIGH_A_CSM)
                .then(pl.lit("high"))
                .otherwise(pl.lit("medium")),
                risk=pl.col("score") / 400,
                quiet=pl.col("score") / 500,
                leaving=pl.lit(0.03),
                source=pl.lit("quiet+scorecard"),
                held_back=pl.lit(None, dtype=pl.Boolean),
            ).select(SCORES_SCHEMA.names())
        )
    return days


if __name__ == "__main__":
    what, where = sys.argv[1:]
    {"serve": serve, "sync": sync}[what](Path(where))
