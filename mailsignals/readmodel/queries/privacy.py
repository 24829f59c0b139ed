"""Figures of people that may be shown: of single people, or of groups so large that nobody's can be worked out."""

import polars as pl

from mailsignals.config.privacy import People

LEAST = 5
"""A group has at least so many people.

Who knows their own figures, and takes them away, is left with those of four: of fewer, a guess would come near.
"""
OTHERS = "others"

ROW_SCHEMA = pl.Schema(
    {"person": pl.String(), "who": pl.String(), "people": pl.Int64(), "single": pl.Boolean()}
)


def rows_of(people: pl.DataFrame, rule: People, viewer: str | None) -> pl.DataFrame:
    """Return the rows of a table in which each person is counted; join figures with it, and group them by ``who``.

    By ``all`` each person has a row. By ``team`` each group has one, and by ``self`` whoever looks has one of their
    own besides. Groups under ``LEAST`` are counted together, and if that is still too few, together with the smallest
    group that is large enough: so nobody is left out, and what remains when groups are taken from a sum is no small
    group. Nobody has a row where all together are under ``LEAST``.

    Args:
        people: ``person`` (an address, once) and ``group`` of everybody with a figure in the table.
        rule: ``privacy.people``.
        viewer: the address of whoever looks; null where nobody signs in.

    Returns:
        ``ROW_SCHEMA``: ``person``, ``who`` (an address, or the group's name), ``people`` (how many are in that row),
        ``single`` (whether the row is one person's).
    """
    single = people.select(
        "person", who="person", people=pl.lit(1, dtype=pl.Int64), single=pl.lit(value=True)
    )
    if rule == "all":
        return single
    grouped = _grouped(people)
    if rule == "team":
        return grouped
    return pl.concat([single.filter(pl.col("person").str.to_lowercase() == (viewer or "").lower()), grouped])


def _grouped(people: pl.DataFrame) -> pl.DataFrame:
    sizes = people.group_by("group").len("people").sort("people", "group").rows()
    small = [name for name, size in sizes if size < LEAST]
    large = [name for name, size in sizes if size >= LEAST]
    left = sum(size for _, size in sizes if size < LEAST)
    names = dict.fromkeys(small, OTHERS)
    if 0 < left < LEAST and large:
        together = f"{large[0]} and {OTHERS}"
        names |= dict.fromkeys([*small, large[0]], together)
    who = pl.col("group").replace(names)
    return (
        people.select("person", who=who)
        .with_columns(people=pl.len().over("who").cast(pl.Int64), single=pl.lit(value=False))
        .filter(pl.col("people") >= LEAST)
        .sort("who", "person")
    )


def may_be_shown(person: pl.Expr, rule: People, viewer: str | None) -> pl.Expr:
    """Return true if a person's figure may stand alone: by ``all`` each, by ``self`` the viewer's own, else none.

    Args:
        person: an address.
        rule: ``privacy.people``.
        viewer: the address of whoever looks; null where nobody signs in.
    """
    if rule == "all":
        return pl.lit(value=True)
    own = (viewer or "").lower() if rule == "self" else ""
    return (person.str.to_lowercase() == own) & (own != "")


def parts_to_show(contributions: pl.DataFrame) -> pl.DataFrame:
    """Return the parts of a group's figure, such as the weeks of a quarter, that may stand beside the whole.

    A part to which under ``LEAST`` people contributed is left out, and as many others with the fewest people as it
    takes until all that is left out has ``LEAST``: else the whole less the parts that are shown would tell it.

    Args:
        contributions: ``who``, ``part``, ``person`` and ``single``, a row for each person who contributed to a part of
            a row of the table; rows of single people keep all parts.

    Returns:
        ``who`` and ``part`` of those to show.
    """
    alone = contributions.filter("single").select("who", "part").unique()
    found = [
        (who, part)
        for (who,), rows in contributions.filter(~pl.col("single")).group_by("who", maintain_order=True)
        for part in _shown(dict(rows.group_by("part").agg(pl.col("person").unique()).iter_rows()))
    ]
    grouped = pl.DataFrame(found, schema=alone.schema, orient="row")
    return pl.concat([alone, grouped]).sort("who", "part")


def _shown(people: dict[object, list[str]]) -> list[object]:
    """The parts with their people, without those that must not be seen or would tell what must not."""
    order = sorted(people, key=lambda part: (len(people[part]), str(part)))
    left: set[str] = set()
    for number, part in enumerate(order):
        enough = not left or len(left) >= LEAST
        if enough and len(people[part]) >= LEAST:
            return order[number:]
        left |= set(people[part])
    return []
