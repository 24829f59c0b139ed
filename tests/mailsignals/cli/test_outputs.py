"""One result in every form, and instants as people write them."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

from mailsignals import clock
from mailsignals.cli.output import Output
from mailsignals.risk.assess import RISK_SCHEMA
from mailsignals.wording.numbers import count_noun
from tests.mailsignals import small_company
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


@pytest.mark.parametrize("command", TABLES, ids=lambda command: " ".join(command[:2]))
def test_every_form_of_a_result_says_the_same(
    run: Program,
    stocked: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
) -> None:
    """Parquet, CSV and JSON files and JSON on standard output hold the same rows."""
    results: list[pl.DataFrame] = []
    save = Output.save

    def kept(self: Output, frame: pl.DataFrame, to: str) -> None:
        results.append(frame)
        save(self, frame, to)

    monkeypatch.setattr(Output, "save", kept)
    typed_by = run(*command, "--output", "out.parquet")
    (result,) = results

    def saved(to: str) -> Ran:
        save(Output(), result, to)
        captured = capsys.readouterr()
        return Ran(0, captured.out, captured.err)

    rows = saved("-").json
    assert rows
    said = [saved(f"out.{suffix}") for suffix in ("csv", "json")]
    assert json.loads((stocked / "out.json").read_text(encoding="utf-8")) == rows
    typed = pl.read_parquet("out.parquet")
    assert typed.columns == list(rows[0])
    assert typed_by == Ran(0, "", f"Wrote {count_noun(typed.height, 'row')} to out.parquet.\n")
    assert said == [Ran(0, "", typed_by.err.replace("parquet", suffix)) for suffix in ("csv", "json")]
    assert [_cells(row) for row in rows] == pl.read_csv("out.csv", infer_schema=False).to_dicts()
    instants = typed.select(pl.selectors.datetime()).columns
    plain = typed.with_columns(pl.col(instants).dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"))
    assert plain.to_dicts() == rows


def test_a_command_writes_where_it_was_asked_to(run: Program, stocked: Path) -> None:
    """Into a file for its owner alone, or as JSON by ``-`` or ``--json``."""
    run("risk", *AS_OF, "--output", "risk.parquet")
    assert pl.read_parquet("risk.parquet").schema == RISK_SCHEMA
    assert (stocked / "risk.parquet").stat().st_mode & 0o777 == 0o600
    assert run("sla", *AS_OF, "--output", "-").json == run("sla", *AS_OF, "--json").json


def _cells(row: dict[str, object]) -> dict[str, str | None]:
    """A row as CSV holds it: texts, an empty cell for null, JSON for lists."""
    return {name: None if value is None else _cell(value) for name, value in row.items()}


def _cell(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def test_an_export_of_messages_can_be_imported(run: Program, stocked: Path) -> None:
    """Messages leave in the interchange format, and come back as what is already imported."""
    run("export", "messages", "--output", "messages.parquet")
    ran = run("import", "messages.parquet", "--mailbox", small_company.DESK)
    assert f": {messages().height:,} already imported." in ran.err


def test_an_instant_is_read_as_people_mean_it(run: Program, stocked: Path) -> None:
    """A time without a zone is local; ``--as-of`` may be repeated for signals, in any order."""
    (as_of,) = {row["as_of"] for row in run("risk", "--json", "--as-of", "2026-03-02 08:30:15").json}
    assert as_of == "2026-03-02T07:30:15Z"
    days = ("2026-03-02", "2026-01-05", "2026-03-01T23:00Z")
    rows = run("signals", *(word for day in days for word in ("--as-of", day)), "--json").json
    assert list(dict.fromkeys(row["as_of"] for row in rows)) == [
        "2026-01-04T23:00:00Z",
        "2026-03-01T23:00:00Z",
    ]
    assert len(rows) == 2 * 12 * 3


def test_without_an_instant_the_present_is_meant(run: Program, stocked: Path) -> None:
    """The instant lies between the moments before and after the command."""
    before = clock.now()
    (as_of,) = {row["as_of"] for row in run("risk", "--json").json}
    assert before <= dt.datetime.fromisoformat(as_of) <= clock.now()
