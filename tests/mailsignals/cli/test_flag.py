"""``mailsignals flag``: the record, the list, and what people say."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mailsignals import clock
from mailsignals.flags.flags import FLAG_SCHEMA
from mailsignals.store import Store
from mailsignals.store.tables.feedback import FeedbackEntry
from tests.mailsignals.cli import small_company
from tests.mailsignals.cli.program import Program

DAY = small_company.AS_OF
QUIET = "A01"
AT_MIDNIGHT = small_company.MIDNIGHT.astimezone(dt.UTC)
TOMORROW = f"{clock.now().date() + dt.timedelta(days=2)}"


def flag_of(run: Program, account: str, *options: str) -> dict[str, Any]:
    """The only flag of an account among those listed."""
    (row,) = [row for row in run("flag", "--json", *options).json if row["account_id"] == account]
    return dict(row)


@pytest.fixture
def flagged(run: Program, stocked: Path) -> Path:
    """The small company with a recorded day; its quiet customers are flagged."""
    run("flag", "record", "--as-of", DAY)
    return stocked


@pytest.mark.slow
def test_a_day_is_recorded_once(run: Program, stocked: Path) -> None:
    """The first time it says what it came to, the second time that it was recorded already; both are fine."""
    first, second = run("flag", "record", "--as-of", DAY), run("flag", "record", "--as-of", f"{DAY}T12:00")
    assert (first.status, second.status) == (0, 0)
    assert first.err == "2026-03-02: 12 accounts recorded. 2 flags opened, 0 closed, 2 open now.\n"
    assert second.err == "2026-03-02 was recorded already, at 2026-03-02; that stays.\n"


@pytest.mark.slow
def test_what_cannot_be_recorded_is_refused(run: Program, flagged: Path) -> None:
    """A day before the newest, and one that is to come."""
    run("flag", "record", "--as-of", "2026-03-01").refused("2026-03-02 is recorded already")
    run("flag", "record", "--as-of", "2999-01-01").refused("to come")


def test_the_list_has_what_is_open_and_json_every_column(run: Program, flagged: Path) -> None:
    """Open flags, or all of them, or one CSM's."""
    shown = run("flag")
    assert "Customer 1" in shown.out
    assert "Scores were last recorded of 2026-03-02." in shown.err
    rows = run("flag", "--json").json
    assert {row["account_id"] for row in rows} == set(small_company.QUIET)
    assert set(rows[0]) == {*FLAG_SCHEMA.names(), "name", "csm"}
    assert {row["account_id"] for row in run("flag", "--csm", "ANA@us.test", "--json").json} == set(
        small_company.QUIET
    )
    assert run("flag", "--csm", "bo@us.test").out == "No open flag.\n"
    run("flag", "--csm", "x@us.test").refused("x@us.test", "ana@us.test")
    assert run("flag", "--as-of", "2026-03-01").out == "No open flag.\n"


def test_what_is_said_is_shown_with_who_and_why(run: Program, flagged: Path) -> None:
    """Snoozed, taken back, dismissed: the list and the digest follow."""
    said = run("flag", "snooze", QUIET, "--until", TOMORROW, "--by", "ana", "--note", "call on Monday")
    assert said.err == f"A01 (Customer 1): snoozed until {TOMORROW}, says ana.\n"
    row = flag_of(run, QUIET)
    assert (row["state"], row["by"], row["note"]) == ("snoozed", "ana", "call on Monday")
    assert f"until {TOMORROW}, says ana: call on Monday" in run("flag").out
    assert run("flag", "undo", QUIET, "--by", "bo").err == (
        "A01 (Customer 1): no longer snoozed, as ana had said, says bo.\n"
    )
    assert flag_of(run, QUIET)["state"] == "entering"
    run("flag", "dismiss", QUIET, "--note", "seasonal", "--by", "ana")
    assert QUIET not in {row["account_id"] for row in run("flag", "--json").json}
    assert flag_of(run, QUIET, "--all")["state"] == "dismissed"
    assert "1 closed flag more with --all" in run("flag").err


def test_what_is_said_waits_for_no_writer(run: Program, flagged: Path) -> None:
    """A sync may hold the store for hours; a word about a flag, and taking it back, are kept meanwhile."""
    with Store.open(flagged / "store", mode="write"):
        assert run("flag", "dismiss", QUIET, "--note", "seasonal", "--by", "ana").status == 0
        assert flag_of(run, QUIET, "--all")["state"] == "dismissed"
        assert run("flag", "undo", QUIET).status == 0
        assert flag_of(run, QUIET)["state"] == "entering"


@pytest.mark.slow
def test_digests_leave_out_what_is_dealt_with(run: Program, flagged: Path) -> None:
    """Who is snoozed has no card any more, and is counted."""
    card = "<h3><bdi>Customer 1</bdi></h3>"
    ana = ("digest", "--as-of", f"{DAY}T12:00", "--csm", "ana@us.test", "--to")
    run(*ana, "before")
    with Store.open(flagged / "store", mode="write") as store:
        said = FeedbackEntry(
            account_id=QUIET, given_at=AT_MIDNIGHT, given_by="ana", kind="snoozed", until="worse"
        )
        store.feedback.keep(lambda _: said)
    run(*ana, "after")
    before, after = (
        (flagged / name / "digest-ana@us.test.html").read_text(encoding="utf-8")
        for name in ("before", "after")
    )
    assert card in before
    assert card not in after
    assert "Your other accounts: 1 snoozed" in after


@pytest.mark.slow
def test_who_left_by_somebodys_word_has_churned(run: Program, flagged: Path) -> None:
    """Without a flag as well, and until it is taken back; the risk list says so from that day on."""
    for account in (QUIET, "A07"):
        assert run("flag", "churned", account, "--on", "2026-03-01", "--by", "ana").status == 0
        run("flag", "churned", account).refused("2026-03-01")
    rows = {row["account_id"]: row["state"] for row in run("risk", "--json").json}
    assert (rows[QUIET], rows["A07"]) == ("churned", "churned")
    assert flag_of(run, QUIET, "--all")["state"] == "churned"
    run("flag", "undo", "A07")
    assert {row["account_id"]: row["state"] for row in run("risk", "--json").json}["A07"] != "churned"
    # At an instant before it was said, nobody knew.
    past = {row["account_id"]: row["state"] for row in run("risk", "--as-of", DAY, "--json").json}
    assert past[QUIET] == "scored"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("snooze", "A1", "--until", TOMORROW), ["A1", "account_id"]),
        (("snooze", "A07", "--until", TOMORROW), ["A07", "no open flag"]),
        (("snooze", QUIET, "--until", "2026-01-01"), ["2026-01-01", "later day"]),
        (("snooze", QUIET, "--until", "soon"), ["soon", "worse", "returns"]),
        (("dismiss", "A07", "--note", "fine"), ["A07", "no open flag"]),
        (("dismiss", QUIET, "--note", " "), ["--note"]),
        (("dismiss", QUIET), ["--note"]),
        (("saved", "A07"), ["A07", "no open flag"]),
        (("churned", QUIET, "--on", "then"), ["then", "2026-12-31"]),
        (("churned", QUIET, "--on", "2020-01-01"), ["2020-01-01", "2024-01-01"]),
        (("undo", QUIET), ["A01", "nobody"]),
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Program, flagged: Path, words: tuple[str, ...], names: list[str]
) -> None:
    """In a sentence that says whose, and what to give instead; nothing is kept."""
    run("flag", *words).refused(*names)
    with Store.open(flagged / "store", mode="read") as store:
        assert store.feedback.frame().is_empty()


def test_without_a_record_there_is_no_flag_and_it_says_what_to_do(run: Program, stocked: Path) -> None:
    """An empty list is no error; a word about a flag is one."""
    ran = run("flag")
    assert (ran.status, ran.out) == (0, "No open flag.\n")
    assert "mailsignals flag record" in ran.err
    run("flag", "saved", QUIET).refused("mailsignals flag record")
    assert json.loads(run("flag", "--json").out) == []


@pytest.mark.slow
def test_what_is_held_back_is_listed_by_risk_alone(run: Program, stocked: Path) -> None:
    """Neither list, nor digest, nor a word about it; the lesson is an object with its figures."""
    rows = pl.DataFrame(run("risk", "--as-of", DAY, "--json").json)
    config = stocked / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + "[model]\nhold_back = 0.5\n", encoding="utf-8")
    high = set(rows.filter(pl.col("level") == "high")["account_id"])
    run("flag", "record", "--as-of", DAY)
    with Store.open(stocked / "store", mode="read") as store:
        kept = store.scores.of_flagged()
    drawn = set(kept.filter(pl.col("held_back"))["account_id"])
    assert set(kept.filter(pl.col("held_back").is_not_null())["account_id"]) == high
    assert {row["account_id"] for row in run("flag", "--all", "--json").json} == high - drawn
    for account in drawn:
        run("flag", "snooze", account, "--until", TOMORROW).refused("no open flag")
    assert {row["account_id"] for row in run("risk", "--as-of", DAY, "--json").json} == set(
        rows["account_id"]
    )
    assert "few" in run("flag", "--held-back").out or "Nothing was learnt" in run("flag", "--held-back").out
    assert run("flag", "--held-back", "--json").json[0]["shown_left"] == 0


def test_help_lines_of_the_words_fit(run: Program, stocked: Path) -> None:
    """Nothing is cut short at 80 columns."""
    listed = run("flag", "--help").out.split("Commands:\n")[1].splitlines()
    assert len(listed) == 6
    assert not [line for line in listed if line.endswith("...")]


@pytest.mark.slow
def test_a_digest_tells_what_is_new_since_the_last_one(run: Program, flagged: Path) -> None:
    """The last one that was sent, however many days were recorded since; the flag keeps its day."""
    page = flagged / "out" / "digest-ana@us.test.html"
    run("digest", "--as-of", f"{DAY}T12:00", "--to", "out")
    assert "<h2>New at risk</h2>" in page.read_text(encoding="utf-8")
    for day in ("2026-03-03", "2026-03-04"):
        run("flag", "record", "--as-of", day)
    run("digest", "--as-of", "2026-03-04T12:00", "--to", "out")
    still = page.read_text(encoding="utf-8")
    assert "<h2>New at risk</h2>" not in still
    assert "flagged on 2 March" in still
    assert "of 2 flags it is not known yet" in still
    with (flagged / "config.toml").open("a", encoding="utf-8") as file:
        file.write('\n[digest]\nenabled = true\nfrom = "signals@us.test"\nvia = "folder"\nfolder = "mails"\n')
    run("digest", "--send", "--as-of", "2026-03-01")
    run("digest", "--as-of", "2026-03-04T12:00", "--to", "out")
    assert "<h2>New at risk</h2>" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_day_that_is_not_recorded_yet_counts_as_it_would_be(run: Program, stocked: Path) -> None:
    """Who becomes at risk today is new also if the digest is made before the day is recorded."""
    run("flag", "record", "--as-of", "2025-10-01")
    run("digest", "--as-of", f"{DAY}T12:00", "--to", "out")
    page = (stocked / "out" / "digest-ana@us.test.html").read_text(encoding="utf-8")
    assert "<h2>New at risk</h2>" in page
    assert "flagged today" in page
