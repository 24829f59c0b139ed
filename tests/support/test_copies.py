"""A company can be copied while somebody uses it."""

import contextlib
import sqlite3
from pathlib import Path

from tests.support.copies import copy_company


def test_a_copy_has_what_an_open_database_holds(tmp_path: Path) -> None:
    """What is only in the write-ahead log is copied too; the files that come and go with it are not."""
    folder, target = tmp_path / "company", tmp_path / "copy"
    (folder / "store").mkdir(parents=True)
    (folder / "config.toml").write_text("[company]\n", encoding="utf-8")
    (folder / "store" / "table.parquet.draft").touch()
    with contextlib.closing(sqlite3.connect(folder / "store" / "catalogue.sqlite")) as sql:
        sql.execute("PRAGMA journal_mode = WAL")
        sql.execute("CREATE TABLE words (word TEXT)")
        sql.execute("INSERT INTO words VALUES ('kept')")
        sql.commit()
        assert (folder / "store" / "catalogue.sqlite-wal").stat().st_size
        copy_company(folder, target)
    names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert names == {"config.toml", "store/catalogue.sqlite"}
    with contextlib.closing(sqlite3.connect(target / "store" / "catalogue.sqlite")) as copy:
        assert copy.execute("SELECT word FROM words").fetchall() == [("kept",)]
