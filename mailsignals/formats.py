"""Frames as text and files for other programs: instants in ISO 8601 with ``Z``, unknown as null."""

import io

import polars as pl
import polars.selectors as cs


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Instants and days as text, numbers that are none as null."""
    floats = cs.float()
    return frame.with_columns(
        cs.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"),
        cs.date().dt.to_string("iso"),
        pl.when(floats.is_finite()).then(floats),
    )


def json_rows(frame: pl.DataFrame) -> str:
    """A JSON array with an object a row."""
    return plain(frame).write_json()


def csv_rows(frame: pl.DataFrame) -> str:
    """A line with the names, then one a row; lists and structs are JSON in their cell."""
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    return plain(frame).with_columns(_json(name) for name in nested).write_csv()


def parquet_rows(frame: pl.DataFrame) -> bytes:
    """A Parquet file, with types as they are."""
    written = io.BytesIO()
    frame.write_parquet(written)
    return written.getvalue()


def _json(name: str) -> pl.Expr:
    """A nested column as JSON: encoded as the one field of an object, of which only what is within stays."""
    before = len('{"value":')
    encoded = pl.struct(pl.col(name).alias("value")).struct.json_encode()
    within = encoded.str.slice(before, encoded.str.len_chars() - before - 1)
    return pl.when(pl.col(name).is_not_null()).then(within).alias(name)
