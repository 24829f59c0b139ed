import contextlib
import datetime as dt
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from connectors.base import MESSAGE_SCHEMA, GiveUpError, Page, frame_of
from connectors.files import parquet, parquet_pages
from connectors.files.parquet import Parquet
from connectors.mail import fold_gmail
from tests.connectors.writers import ANA, a_mail, messages_of

FRAME = frame_of(messages_of(a_mail(number) for number in range(5)))


def read(folder: Path, frame: pl.DataFrame) -> Page:
    """The only page of a Parquet file with this content."""
    frame.write_parquet(folder / "messages.parquet")
    (page,) = Parquet(path=folder / "messages.parquet", mailbox=ANA).pages()
    return page


@pytest.mark.parametrize("name", ["openbmc", "edges"])
def test_messages_that_are_in_order_stay_as_they_are(name: str, request: pytest.FixtureRequest) -> None:
    """Messages in the interchange format come through unchanged in every cell, but for Gmail's spellings."""
    path = request.getfixturevalue(name) / "messages.parquet"
    pages = list(Parquet(path=path, mailbox=ANA).pages())
    given = pl.read_parquet(path)
    folded = pl.element().map_elements(fold_gmail, pl.String)
    expected = given.with_columns(
        pl.col("sender").map_elements(fold_gmail, pl.String),
        pl.col("to", "cc", "bcc").list.eval(folded).list.unique(maintain_order=True),
    )
    assert pl.concat(page.messages for page in pages).equals(expected)
    assert not [page for page in pages if page.skipped or page.defects]


def test_a_file_is_read_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However its row groups lie, a file is read in pages of the same size, without gaps."""
    monkeypatch.setattr(parquet, "PAGE_ROWS", 2)
    FRAME.write_parquet(tmp_path / "messages.parquet", row_group_size=3)
    pages = list(Parquet(path=tmp_path / "messages.parquet", mailbox=ANA).pages())
    assert [page.messages.height for page in pages] == [2, 2, 1]
    assert pl.concat(page.messages for page in pages).equals(FRAME)


@pytest.mark.parametrize(
    "columns",
    [
        [
            pl.col("provider").cast(pl.Categorical),
            pl.col("importance").cast(pl.Enum(["high", "normal", "low"])),
        ],
        [pl.col("sent_at").cast(pl.Datetime("ns", "UTC")), pl.col("to").cast(pl.List(pl.Categorical))],
        [pl.col("sent_at").cast(pl.Datetime("ms", "UTC")).dt.convert_time_zone("Asia/Kolkata")],
        [
            pl.when(pl.col(name).list.len() > 0).then(name).alias(name)
            for name in ("references", "to", "cc", "bcc")
        ],
        [pl.lit(None).alias("subject"), pl.lit(None).alias("automated"), pl.lit(None).alias("labels")],
        [pl.lit(1).alias("size"), pl.lit(value=True).alias("read")],
    ],
    ids=["categories", "nanoseconds", "another zone", "null lists", "null columns", "further columns"],
)
def test_harmless_differences_are_accepted(tmp_path: Path, columns: list[pl.Expr]) -> None:
    """Other spellings of the same types, nulls for empty lists and further columns change nothing."""
    expected = FRAME.with_columns(subject=None) if len(columns) == 3 else FRAME
    page = read(tmp_path, FRAME.with_columns(columns))
    assert page.messages.equals(expected.cast(MESSAGE_SCHEMA))
    assert not page.skipped


def test_an_older_file_lacks_a_column(tmp_path: Path) -> None:
    """A file of before ``dated_at`` is read, without the dates that it does not hold."""
    page = read(tmp_path, FRAME.drop("dated_at"))
    assert page.messages.equals(FRAME.with_columns(dated_at=None).cast(MESSAGE_SCHEMA))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            FRAME.drop("sender", "to"),
            r"column sender \(String\) is missing; column to \(List\(String\)\) is missing",
        ),
        (
            FRAME.with_columns(sent_at=pl.lit("2026-03-02")),
            r"column sent_at is String, expected Datetime",
        ),
        (FRAME.with_columns(pl.col("sent_at").dt.replace_time_zone(None)), r"column sent_at is Datetime"),
        (FRAME.with_columns(provider_id=pl.lit(7)), r"column provider_id is Int32, expected String"),
        (FRAME.with_columns(to=pl.lit(ANA)), r"column to is String, expected List\(String\)"),
        (FRAME.with_columns(to=pl.lit([1])), r"column to is List\(Int64\), expected List\(String\)"),
    ],
)
def test_columns_that_do_not_fit_are_named(tmp_path: Path, wrong: pl.DataFrame, says: str) -> None:
    """A missing column, or one of another type, is named with what it is and what it should be."""
    with pytest.raises(GiveUpError, match=says):
        read(tmp_path, wrong)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1 and some more, PAR1", b"no Parquet at all"])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    """A file that is cut off, damaged or no Parquet is named, with what to do."""
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(GiveUpError, match=r"a\.parquet is not a readable Parquet file.*import it again"):
        list(Parquet(path=tmp_path / "a.parquet", mailbox=ANA).pages())


def test_a_cut_file_is_named(tmp_path: Path) -> None:
    """A Parquet file has its index at the end: without it nothing is read."""
    FRAME.write_parquet(tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(content[: len(content) // 2])
    with pytest.raises(GiveUpError, match="cut off"):
        list(Parquet(path=tmp_path / "a.parquet", mailbox=ANA).pages())


@pytest.mark.parametrize("column", ["provider", "provider_id", "sent_at", "sender"])
def test_a_row_without_what_it_needs_is_set_aside(tmp_path: Path, column: str) -> None:
    """A row that lacks a required value is reported with its number and the column; the others are read."""
    holed = FRAME.with_row_index().with_columns(pl.when(pl.col("index") != 3).then(column).alias(column))
    page = read(tmp_path, holed.drop("index"))
    assert page.messages.equals(pl.concat([FRAME[:3], FRAME[4:]]))
    assert [(one.place, one.reason) for one in page.skipped] == [("row 4", f"no {column}")]


def test_a_row_says_whose_it_is(tmp_path: Path) -> None:
    """Rows of several mailboxes and providers stay theirs; only a row without a mailbox is the importer's."""
    mixed = FRAME.with_columns(
        mailbox=pl.Series(["Cy+x@US.test", None, "", "a@us.test", "nobody"]),
        provider=pl.Series(["gmail", "mbox", "gmail", "microsoft365", "gmail"]),
    )
    page = read(tmp_path, mixed)
    assert page.messages["mailbox"].to_list() == ["cy@us.test", ANA, ANA, "a@us.test"]
    assert page.messages["provider"].to_list() == ["gmail", "mbox", "gmail", "microsoft365"]
    assert [(one.place, one.reason) for one in page.skipped] == [("row 5", "unreadable mailbox")]


def test_addresses_are_put_in_order(tmp_path: Path) -> None:
    """Addresses are brought to their one form; what is none is left out and counted."""
    untidy = FRAME[:2].with_columns(
        sender=pl.Series(["Bo+sales@Acme.TEST", "not an address"]),
        to=pl.Series([["ANA@us.test", "ana+1@us.test", "cy@us.test"], ["?", "bo@bücher.example", None]]),
    )
    page = read(tmp_path, untidy)
    assert page.messages["sender"].to_list() == ["bo@acme.test", ""]
    assert page.messages["to"].to_list() == [["ana@us.test", "cy@us.test"], ["bo@xn--bcher-kva.example"]]
    assert page.defects == {"unreadable_address": 1}


def test_words_of_others_are_translated(tmp_path: Path) -> None:
    """An unknown importance is normal; an unknown reason still says that no person wrote the mail."""
    page = read(
        tmp_path,
        FRAME[:4].with_columns(
            importance=pl.Series(["High", None, "urgent!", "low"]),
            automated=pl.Series(["", None, "robot", "Bulk"]),
        ),
    )
    assert page.messages["importance"].to_list() == ["high", "normal", "normal", "low"]
    assert page.messages["automated"].to_list() == [None, None, "bulk", "bulk"]
    assert page.defects == {"unknown_importance": 1, "unknown_automated": 1}


def test_drafts_and_spam_are_set_aside(tmp_path: Path) -> None:
    """Labels that mean a draft or spam keep a row out, as they do everywhere."""
    page = read(tmp_path, FRAME[:3].with_columns(labels=pl.Series([["INBOX"], ["DRAFT"], ["a", "Spam"]])))
    assert page.messages.height == 1
    assert [(one.place, one.reason) for one in page.skipped] == [("row 2", "draft"), ("row 3", "spam")]


def test_a_file_that_was_written_anew_is_read_again(tmp_path: Path) -> None:
    """A cursor holds for the very file it came from."""
    first = read(tmp_path, FRAME)
    later = FRAME.with_columns(pl.col("sent_at") + dt.timedelta(seconds=1))
    later.write_parquet(tmp_path / "messages.parquet")
    (page,) = Parquet(path=tmp_path / "messages.parquet", mailbox=ANA).pages(first.cursor)
    assert page.messages.equals(later)


def huge(folder: Path, columns: dict[str, pl.Expr], *, rows: int = 5) -> Path:
    """A file whose first columns are as given, and small because all rows are equal."""
    path = folder / "messages.parquet"
    frame = pl.concat([FRAME.head(1)] * rows).with_columns(
        pl.format("{}-{}", "provider_id", pl.int_range(pl.len())).alias("provider_id")
    )
    frame.with_columns(**columns).write_parquet(path, compression="zstd")
    return path


@pytest.mark.scenario("huge-interchange-values")
def test_values_are_cut_to_the_limits_of_headers(tmp_path: Path) -> None:
    """Subjects, ids, references, recipients and labels have the limits of header reading, and each cut is counted."""
    addresses = pl.lit([f"p{number}@us.test" for number in range(1_500)])
    ids = pl.lit([f"{number}@mail.test" for number in range(1_500)])
    path = huge(
        tmp_path,
        {
            "subject": pl.lit("é" * 3_000),
            "message_id": pl.lit("i" * 3_000),
            "references": ids,
            "to": addresses,
            "cc": pl.lit(["a" * 400 + "@us.test", "bo@us.test"]),
            "labels": pl.lit(["x" * 3_000, *(f"label {number}" for number in range(600))]),
        },
    )
    (page,) = Parquet(path=path, mailbox=ANA).pages()
    row = page.messages.row(0, named=True)
    assert row["subject"] == "é" * 998
    assert row["message_id"] == "i" * 998
    assert [len(row[name]) for name in ("references", "to", "labels")] == [1_000, 1_000, 500]
    assert row["references"][:11] == [*(f"{number}@mail.test" for number in range(10)), "510@mail.test"]
    assert (row["cc"], len(row["labels"][0])) == (["bo@us.test"], 225)
    kinds = {"cut_subject", "cut_id", "cut_references", "cut_recipients", "cut_labels", "unreadable_address"}
    assert page.defects == dict.fromkeys(kinds, 5)


@pytest.mark.scenario("huge-interchange-values")
def test_a_key_that_is_too_long_skips_its_row(tmp_path: Path) -> None:
    """Cut, it could be the key of another message."""
    (page,) = Parquet(path=huge(tmp_path, {"provider_id": pl.lit("x" * 5_000)}), mailbox=ANA).pages()
    assert page.messages.is_empty()
    assert [each.reason for each in page.skipped] == ["provider_id too long"] * 5


BOMBS = """
import sys
from pathlib import Path
import polars as pl
from connectors.files.parquet import Parquet

def most():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

pl.DataFrame({"x": ["y"]}).lazy().collect(engine="streaming")
before = most()
for path in sys.argv[1:]:
    print(sum(page.messages.height for page in Parquet(path=Path(path), mailbox="ana@us.test").pages()))
print((most() - before) // 1024)
"""


@pytest.mark.scenario("huge-interchange-values")
@pytest.mark.slow
@pytest.mark.subprocess
def test_memory_stays_bounded_whatever_a_file_holds(tmp_path: Path) -> None:
    """Hundreds of megabytes of subjects and of recipients in small files take at most a quarter of a gigabyte."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells the largest memory of a process itself")
    number = pl.int_range(pl.len()).cast(pl.String)
    wanted: list[tuple[dict[str, pl.Expr], int]] = [
        ({"subject": pl.lit("x" * 100_000) + number}, 4_000),
        ({"subject": pl.lit("x" * 1_000_000)}, 400),
        ({"to": pl.lit(["kim@customer.test"] * 3_000)}, 300),
    ]
    names = [
        huge(tmp_path, columns, rows=rows).rename(tmp_path / f"{place}.parquet")
        for place, (columns, rows) in enumerate(wanted)
    ]
    told = subprocess.run(
        [sys.executable, "-c", BOMBS, *names], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert told[:-1] == ["4000", "400", "300"]
    assert int(told[-1]) < 250


@pytest.mark.scenario("huge-interchange-values")
@pytest.mark.parametrize(("limit", "words"), [("MAX_PAGE", "a page of"), ("MAX_LISTS", "lists of")])
def test_one_page_that_no_mail_needs_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, words: str
) -> None:
    """A page is decoded as a whole, and old pages of lists don't tell their rows: the sentence names the column."""
    monkeypatch.setattr(parquet_pages, limit, 100_000)
    path = huge(tmp_path, {"cc": pl.lit(["kim@customer.test"] * 30_000)})
    with pytest.raises(GiveUpError, match=rf"has {words}.* MB \(row group 1, column cc\)"):
        list(Parquet(path=path, mailbox=ANA).pages())


@pytest.mark.scenario("huge-interchange-values")
def test_a_file_with_other_bytes_is_read_or_refused_in_words(tmp_path: Path) -> None:
    """Whichever byte of its pages or of its end is changed, nothing but a sentence comes out."""
    path = huge(tmp_path, {"subject": pl.lit("hello")})
    sound, dice = path.read_bytes(), random.Random(3)
    for _ in range(150):
        broken = bytearray(sound)
        for _ in range(dice.choice([1, 1, 3])):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        path.write_bytes(broken[: dice.choice([len(broken), dice.randrange(len(broken))])])
        with contextlib.suppress(GiveUpError):
            list(Parquet(path=path, mailbox=ANA).pages())
