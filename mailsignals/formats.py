"""Frames as text and files for other programs: instants in ISO 8601 with ``Z``, unknown as null."""

import io
import re

import polars as pl
import polars.selectors as cs

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
"""Control characters, apart from tabs and line ends, which a name may have."""

_FORMULA = r"^(?:[\s\p{Cf}]*[=+\-@\x{fe62}\x{fe63}\x{fe66}\x{fe6b}\x{ff0b}\x{ff0d}\x{ff1d}\x{ff20}]|[\t\r\n])"
"""How a text begins that a spreadsheet computes: also in full width, and behind white space or invisible marks."""

_GUARDED = re.compile(
    r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]*[=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
)


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


def csv_rows(frame: pl.DataFrame, *, mark: bool = False) -> str:
    """A line with the names, then one a row; lists and structs are JSON in their cell, and nothing is a formula.

    ``mark`` begins the text with the byte order mark by which spreadsheets know UTF-8.
    """
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    flat = plain(frame).with_columns(_json(name) for name in nested)
    names = pl.DataFrame([harmless_names(frame)], orient="row")
    head = names.write_csv(include_header=False, include_bom=mark)
    return head + without_formulas(flat).write_csv(include_header=False)


def without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with texts as every CSV file has them, so that a spreadsheet obeys none.

    One that it would take for a formula gets an apostrophe in front, and control characters go. Numbers stay
    numbers, also those below zero.
    """
    return frame.with_columns(_harmless(cs.string() | cs.categorical() | cs.enum()))


def harmless_names(frame: pl.DataFrame) -> list[str]:
    """The names of a frame's columns as every CSV file has them: texts like those below them."""
    names = pl.DataFrame({"name": frame.columns}, schema={"name": pl.String})
    return without_formulas(names)["name"].to_list()


def as_typed(text: str) -> str:
    """Return the text of a cell of a CSV file without the apostrophe that keeps it from being a formula."""
    bare = text.removeprefix("'")
    return bare if bare != text and _GUARDED.match(bare) else text


def _harmless(text: pl.Expr) -> pl.Expr:
    readable = text.cast(pl.String).str.replace_all(_CONTROL, "")
    return pl.when(readable.str.contains(_FORMULA)).then("'" + readable).otherwise(readable).name.keep()


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
