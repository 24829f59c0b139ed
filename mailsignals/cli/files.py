"""Results as files, each written whole or not at all."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from mailsignals.errors import UserError
from mailsignals.files import written_whole
from mailsignals.formats import harmless_names, plain, without_formulas

SUFFIXES = (".parquet", ".csv", ".json")


def check_suffix(to: str | None) -> None:
    """Raise UserError for an unknown format of the output file, before any work is done."""
    if to is not None and to != "-" and Path(to).suffix not in SUFFIXES:
        raise UserError(f"--output {to}: unknown suffix. Use {', '.join(SUFFIXES)}, or - for JSON.")


def write_result(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame in the format of the path's suffix, which ``check_suffix`` accepts.

    Raises:
        UserError: the file can't be written.
    """
    with written_whole(path) as draft:
        if path.suffix == ".parquet":
            frame.write_parquet(draft)
        elif path.suffix == ".csv":
            _write_csv(frame, draft)
        else:
            draft.write_text(as_json(frame) + "\n", encoding="utf-8")


def as_json(result: pl.DataFrame | Mapping[str, pl.DataFrame], *, ascii_only: bool = False) -> str:
    """Return rows as a JSON array, several frames as an object of arrays.

    Times are in ISO 8601 with ``Z``, unknown values null.
    """
    if isinstance(result, pl.DataFrame):
        document: Any = plain(result).to_dicts()
    else:
        document = {name: plain(frame).to_dicts() for name, frame in result.items()}
    return json.dumps(document, ensure_ascii=ascii_only, indent=2, allow_nan=False)


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    rows = without_formulas(_flat(plain(frame)))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(harmless_names(frame))
        writer.writerows(rows.iter_rows())


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with its lists and structs as JSON."""
    return frame.with_columns(
        pl.Series(
            name, [None if value is None else _json(value) for value in frame[name].to_list()], pl.String
        )
        for name, dtype in frame.schema.items()
        if dtype.is_nested()
    )


def _json(value: Any) -> str:  # noqa: ANN401  # whatever a frame may hold
    return json.dumps(value, ensure_ascii=False)
