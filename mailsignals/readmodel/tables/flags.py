"""Every flag that people may see: what `mailsignals flag --all` writes."""

import polars as pl

from mailsignals.flags.flags import FLAG_SCHEMA, shown
from mailsignals.readmodel.tables.material import Material


def flags(material: Material) -> pl.DataFrame:
    """``FLAG_SCHEMA`` with ``name`` and ``csm``, the open ones first; none that is held back."""
    found = pl.DataFrame(schema=FLAG_SCHEMA) if material.flags is None else material.flags
    book = material.book.select("account_id", "name", "csm")
    return shown(found).join(book, on="account_id", maintain_order="left").drop("held_back")
