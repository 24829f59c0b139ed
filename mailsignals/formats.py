"""Frames as text and files for other programs: times in ISO 8601 with ``Z``, unknown values as null."""

import io
import re

import polars as pl
import polars.selectors as cs

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
"""Control characters, except tabs and line ends, which names may contain."""

_FORMULA = r"^(?:[\s\p{Cf}]*[=+\-@\x{fe62}\x{fe63}\x{fe66}\x{fe6b}\x{ff0b}\x{ff0d}\x{ff1d}\x{ff20}]|[\t\r\n])"
"""The beginning of a spreadsheet formula, also in full width, and after white space or invisible marks."""

_GUARDED = re.compile(
    r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]*[=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]"
)


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with times and days as text, and NaN as null."""
    floats = cs.float()
    return frame.with_columns(
        cs.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"),
        cs.date().dt.to_string("iso"),
        pl.when(floats.is_finite()).then(floats),
    )


def json_rows(frame: pl.DataFrame) -> str:
    """Return the rows as a JSON array with one object per row."""
    return plain(frame).write_json()


def csv_rows(frame: pl.DataFrame, *, mark: bool = False) -> str:
    """Return the rows as CSV with a line of names; lists and structs are JSON, and no text is a formula.

    ``mark`` adds a byte order mark, by which spreadsheets recognise UTF-8.
    """
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    flat = plain(frame).with_columns(_json(name) for name in nested)
    names = pl.DataFrame([harmless_names(frame)], orient="row")
    head = names.write_csv(include_header=False, include_bom=mark)
    return head + without_formulas(flat).write_csv(include_header=False)


def without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with texts that no spreadsheet computes, as in every CSV file.

    Texts like formulas get an apostrophe in front, and control characters are removed. Numbers stay numbers, also
    negative ones.
    """
    return frame.with_columns(_harmless(cs.string() | cs.categorical() | cs.enum()))


def harmless_names(frame: pl.DataFrame) -> list[str]:
    """Return the names of a frame's columns as in every CSV file, without formulas."""
    names = pl.DataFrame({"name": frame.columns}, schema={"name": pl.String})
    return without_formulas(names)["name"].to_list()


def as_typed(text: str) -> str:
    """Return the text of a CSV cell without the apostrophe that prevents a formula."""
    bare = text.removeprefix("'")
    return bare if bare != text and _GUARDED.match(bare) else text


def _harmless(text: pl.Expr) -> pl.Expr:
    readable = text.cast(pl.String).str.replace_all(_CONTROL, "")
    return pl.when(readable.str.contains(_FORMULA)).then("'" + readable).otherwise(readable).name.keep()


def parquet_rows(frame: pl.DataFrame) -> bytes:
    """Return the frame as the bytes of a Parquet file, with unchanged types."""
    written = io.BytesIO()
    frame.write_parquet(written)
    return written.getvalue()


def _json(name: str) -> pl.Expr:
    """A nested column as JSON: encoded as the only field of an object, whose value is cut out."""
    before = len('{"value":')
    encoded = pl.struct(pl.col(name).alias("value")).struct.json_encode()
    within = encoded.str.slice(before, encoded.str.len_chars() - before - 1)
    return pl.when(pl.col(name).is_not_null()).then(within).alias(name)
