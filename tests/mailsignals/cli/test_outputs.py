"""One result in every form, and instants as people write them."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mailsignals import clock
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.signals.pipeline import SIGNALS
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.program import Program, Ran, messages

AS_OF = ("--as-of", small_company.AS_OF)
TABLES = [
    ("signals", *AS_OF),
    ("risk", *AS_OF),
    *(("export", name, *AS_OF) for name in ("messages", "touches", "turns", "conversations", "tickets")),
    ("sla", *AS_OF),
    *(("sla", f"--{what}", *AS_OF) for what in ("open", "tickets", "responses")),
    *(("sla", f"--by={by}", *AS_OF) for by in ("account", "agent", "week")),
]


@pytest.mark.slow
@pytest.mark.parametrize("command", TABLES, ids=lambda command: " ".join(command[:2]))
def test_every_form_of_a_result_says_the_same(run: Program, stocked: Path, command: tuple[str, ...]) -> None:
    """Parquet, CSV and JSON files and JSON on standard output hold the same rows."""
    said = [run(*command, "--output", f"out.{suffix}") for suffix in ("parquet", "csv", "json")]
    rows = run(*command, "--output", "-").json
    assert rows
    assert json.loads((stocked / "out.json").read_text(encoding="utf-8")) == rows
    typed = pl.read_parquet("out.parquet")
    assert typed.columns == list(rows[0])
    assert said[0] == Ran(0, "", f"{typed.height:,} rows written to out.parquet\n")
    assert said[1:] == [Ran(0, "", said[0].err.replace("parquet", suffix)) for suffix in ("csv", "json")]
    assert [_cells(row) for row in rows] == pl.read_csv("out.csv", infer_schema=False).to_dicts()
    instants = typed.select(pl.selectors.datetime()).columns
    plain = typed.with_columns(pl.col(instants).dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"))
    assert plain.to_dicts() == rows


def _cells(row: dict[str, object]) -> dict[str, str | None]:
    """A row as CSV holds it: texts, an empty cell for null, JSON for lists."""
    return {name: None if value is None else _cell(value) for name, value in row.items()}


def _cell(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


@pytest.mark.slow
def test_the_columns_are_those_that_were_promised(run: Program, stocked: Path) -> None:
    """Signals have the names of the definitions; risk has its own; each account once for each window."""
    run("signals", *AS_OF, "--output", "signals.parquet")
    signals = pl.read_parquet("signals.parquet")
    assert signals.columns == ["account_id", "as_of", "window_days", *(signal.name for signal in SIGNALS)]
    assert signals["window_days"].to_list() == [30, 60, 90] * 12
    run("risk", *AS_OF, "--output", "risk.parquet")
    assert pl.read_parquet("risk.parquet").schema == RISK_SCHEMA


def test_an_export_of_messages_can_be_imported(run: Program, stocked: Path) -> None:
    """Messages leave in the interchange format, and come back as what is known already."""
    run("export", "messages", "--output", "messages.parquet")
    ran = run("import", "messages.parquet", "--mailbox", small_company.DESK)
    assert f": {messages().height:,} known already." in ran.err


@pytest.mark.slow
def test_an_instant_inside_a_mail_merge_is_seen_as_it_was(run: Program, stocked: Path) -> None:
    """Before the tenth mail nobody knew that it was a merge; with it none of them is a touch."""
    sent_at = small_company.MIDNIGHT + dt.timedelta(hours=12)
    merge = [
        small_company.a_mail(
            f"news-{n}", sent_at + dt.timedelta(minutes=n), small_company.DESK, f"kim@a{n:02}.test"
        )
        for n in range(1, 11)
    ]
    (stocked / "merge.mbox").write_bytes(b"".join(merge))
    assert run("import", "merge.mbox", "--mailbox", small_company.DESK).status == 0
    days = ("2026-03-02T12:00", "2026-03-02T12:05", "2026-03-02T12:10")
    numbers = [len(run("export", "touches", "--as-of", day, "--output", "-").json) for day in days]
    assert [number - numbers[0] for number in numbers] == [0, 5, 0]
    rows = run("signals", "--json", *(word for day in days for word in ("--as-of", day))).json
    sent = [row["outbound"] for row in rows if (row["account_id"], row["window_days"]) == ("A05", 30)]
    assert [number - sent[0] for number in sent] == [0, 1, 0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-03-02", "2026-03-01T23:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
        ("2026-03-02T08:30", "2026-03-02T07:30:00Z"),
        ("2026-03-02 08:30:15", "2026-03-02T07:30:15Z"),
        ("2026-03-02T08:30Z", "2026-03-02T08:30:00Z"),
        ("2026-03-02T08:30:00.250+02:00", "2026-03-02T06:30:00.250Z"),
        ("2026-03-01T20:00-05:00", "2026-03-02T01:00:00Z"),
    ],
)
def test_an_instant_is_read_as_people_mean_it(run: Program, stocked: Path, typed: str, meant: str) -> None:
    """A day is its midnight, and a time without a zone local, in company.timezone; a zone counts."""
    rows = run("risk", "--json", "--as-of", typed).json
    assert {row["as_of"] for row in rows} == {meant}


@pytest.mark.slow
def test_several_instants_at_once_are_in_order_and_without_repeats(run: Program, stocked: Path) -> None:
    """--as-of may be repeated for signals; each instant has the rows that it has alone."""

    def signals(*days: str) -> pl.DataFrame:
        run("signals", *(word for day in days for word in ("--as-of", day)), "--output", "signals.parquet")
        return pl.read_parquet("signals.parquet")

    together = signals("2026-03-02", "2026-01-05", "2026-03-01T23:00Z")
    alone = pl.concat([signals("2026-01-05"), signals("2026-03-02")])
    assert_frame_equal(together, alone, rel_tol=1e-9)


def test_without_an_instant_the_present_is_meant(run: Program, stocked: Path) -> None:
    """The instant lies between the moments before and after the command."""
    before = clock.now()
    (as_of,) = {row["as_of"] for row in run("risk", "--json").json}
    assert before <= dt.datetime.fromisoformat(as_of) <= clock.now()


def test_a_file_is_made_with_the_permissions_of_the_user(run: Program, stocked: Path) -> None:
    """Figures about customers are no more readable than the user's other files."""
    (stocked / "other").touch()
    run("risk", "--output", "risk.csv")
    assert (stocked / "risk.csv").stat().st_mode == (stocked / "other").stat().st_mode
