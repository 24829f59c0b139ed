"""Rules for figures of people: single people, or groups too large to identify anybody."""

import polars as pl

from mailsignals.config.privacy import People

LEAST = 5
"""The smallest group. A member who subtracts their own figures still sees four other people together."""
OTHERS = "others"

ROW_SCHEMA = pl.Schema(
    {"person": pl.String(), "who": pl.String(), "people": pl.Int64(), "single": pl.Boolean()}
)


def rows_of(people: pl.DataFrame, rule: People, viewer: str | None) -> pl.DataFrame:
    """Return the row of a table that counts each person; join figures with it and group them by ``who``.

    With ``all``, each person has a row. With ``team``, each group has one. With ``self``, the viewer has a row besides
    the groups. Groups smaller than ``LEAST`` are merged, if necessary with the smallest large group, so that sums
    minus groups never reveal a small group. If all people together are fewer than ``LEAST``, there are no groups.

    Args:
        people: ``person`` (an address, once) and ``group`` of all people in the table.
        rule: ``privacy.people``.
        viewer: the address of the viewer; None without sign-in.

    Returns:
        ``ROW_SCHEMA``: ``person``, ``who`` (an address, or the group's name), ``people`` (their number in the row),
        ``single`` (true for rows of one person).
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
    """Return true if a person's figures may be shown singly: with ``all`` everybody's, with ``self`` the viewer's.

    Args:
        person: an address.
        rule: ``privacy.people``.
        viewer: the address of the viewer; None without sign-in.
    """
    if rule == "all":
        return pl.lit(value=True)
    own = (viewer or "").lower() if rule == "self" else ""
    return (person.str.to_lowercase() == own) & (own != "")


def parts_to_show(contributions: pl.DataFrame) -> pl.DataFrame:
    """Return the parts of a group's figure, such as weeks, that may be shown beside its total.

    Parts with fewer than ``LEAST`` people are hidden. Further small parts are hidden until the hidden ones together
    have ``LEAST`` people, so that the total minus the visible parts never reveals a small one.

    Args:
        contributions: ``who``, ``part``, ``person`` and ``single``, one row per person and part; rows of single
            people keep all parts.

    Returns:
        ``who`` and ``part`` of the visible parts.
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
    """Return the visible parts of one group."""
    order = sorted(people, key=lambda part: (len(people[part]), str(part)))
    left: set[str] = set()
    for number, part in enumerate(order):
        enough = not left or len(left) >= LEAST
        if enough and len(people[part]) >= LEAST:
            return order[number:]
        left |= set(people[part])
    return []
