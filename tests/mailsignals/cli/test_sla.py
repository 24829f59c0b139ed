"""``mailsignals sla``: figures, lists, the queue, and dismissals."""

from pathlib import Path

import polars as pl
import pytest

from mailsignals.cli import output
from mailsignals.cli.tables import sla
from tests.mailsignals import small_company
from tests.mailsignals.cli.program import Program

AS_OF = ("--as-of", small_company.AS_OF)
FEBRUARY = ("--from", "2026-02-01", "--to", "2026-03-01", *AS_OF)
FIGURES = ["first_response", "next_response", "resolution"]


@pytest.mark.slow
def test_the_rows_have_the_promised_columns(run: Program, stocked: Path) -> None:
    """One row for each group and figure, with the names that other programs know."""
    names = ["figure", "met", "breached", "pending", "compliance", "median_hours", "median_business_hours"]
    names += ["off_hours", "near_miss"]
    for by, column in (("tier", "tier"), ("account", "account_id"), ("agent", "agent"), ("week", "week")):
        assert run("sla", *FEBRUARY, "--by", by, "--output", "out.parquet").status == 0
        rows = pl.read_parquet("out.parquet")
        assert rows.columns[:2] == [column, "figure"]
        assert set(names) <= set(rows.columns)
        assert rows["figure"].to_list() == FIGURES * (rows.height // 3)


def test_tiers_come_first_whatever_was_asked_for(run: Program, stocked: Path) -> None:
    """The table of tiers is printed above that of accounts."""
    ran = run("sla", *FEBRUARY, "--by", "account")
    lines = ran.out.splitlines()
    caption = "Tickets opened from 2026-02-01 until 2026-03-01, as of 2026-03-02 (Europe/Berlin)"
    assert ran.flat.startswith(caption)
    places = [
        next(place for place, line in enumerate(lines) if line.startswith(text))
        for text in ("gold", "Customer 3")
    ]
    assert places == sorted(places)


def test_the_usual_period_is_the_last_thirty_days(run: Program, stocked: Path) -> None:
    """Without --from and --to the tickets of the 30 days before the instant are judged."""
    assert run("sla", *AS_OF, "--json").json == run("sla", "--from", "2026-01-31", *AS_OF, "--json").json


def test_the_queue_shows_what_waits(run: Program, stocked: Path) -> None:
    """The one open question, and how many wait."""
    ran = run("sla", "--open", *AS_OF)
    assert "secret plan" in ran.out
    assert "1 unanswered ticket (1 overdue, 0 past half of their target)." in ran.err


def test_a_dismissal_is_said_and_counted(run: Program, stocked: Path) -> None:
    """By whom, and taken back; the figures name what needed no answer."""
    rows = run("sla", "--tickets", "--from", "2026-02-01", "--json").json
    (ticket,) = [row["ticket"] for row in rows if row["waiting_for"] == "us"]
    ran = run("sla", "dismiss", ticket[:6], "--by", "ana", "--note", "settled by telephone")
    assert ran.status == 0
    assert ran.err.strip().endswith("dismissed by ana.")
    figures = run("sla", "--from", "2026-02-01", "--to", "2026-03-05")
    assert "Emails that need no reply: 1 dismissed, 0 closed by sla.closing_after." in figures.err
    run("sla", "dismiss", ticket).refused("no unanswered emails")
    assert run("sla", "dismiss", ticket, "--undo").err.strip().endswith("dismissal undone.")
    run("sla", "dismiss", ticket, "--undo").refused("no dismissed emails")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2026-03-01", "--to", "2026-02-01"), "--from 2026-03-01 must be before --to 2026-02-01"),
        (("--open", "--tickets"), "--open and --tickets can't be combined"),
        (("--open", "--by", "week"), "--open and --by week can't be combined"),
        (("--from", "last week"), "Invalid date 'last week'"),
        (("--output", "x.xls"), "--output x.xls"),
        (("dismiss", "0000ffff"), "no such ticket"),
    ],
)
def test_what_cannot_be_asked_for_is_said(
    run: Program, stocked: Path, words: tuple[str, ...], said: str
) -> None:
    """One sentence that names what was typed and what to do."""
    run("sla", *words).refused(said)


def test_changes_are_arrows_and_few_is_said() -> None:
    """Percentage points up or down; nothing where either period had nothing to count."""
    assert [
        sla.points_change(*pair) for pair in ((0.5, 0.4), (0.4, 0.5), (0.5, 0.502), (None, 0.5), (0.5, None))
    ] == [
        "↑ 10",
        "↓ 10",
        "=",
        "",
        "",
    ]
    assert [sla.few(count) for count in (0, 9, 10)] == ["0", "9 few", "10"]


@pytest.mark.parametrize("words", [(), ("--by", "account"), ("--by", "week"), ("--open",), ("--tickets",)])
def test_tables_fit_into_a_terminal_of_80_columns(
    run: Program, stocked: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Every word that a wide terminal shows is there; what has no room in its row stands below it."""
    wide = run("sla", *AS_OF, *words).out
    monkeypatch.setattr(output, "WIDE", 80)
    narrow = run("sla", *AS_OF, *words).out
    assert max(map(len, narrow.splitlines())) <= 80
    whole = "".join(narrow.split())
    assert [word for word in wide.split() if word not in whole and word != "-"] == []
