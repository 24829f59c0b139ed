"""Turn touches into tickets with responses, resolutions and SLA verdicts."""

import dataclasses
import datetime as dt

import polars as pl

from mailsignals import turns
from mailsignals.engines import engine_for, engine_of
from mailsignals.schema import INSTANT
from mailsignals.sla.cases import judged_cases
from mailsignals.sla.dismissals import needed_touches
from mailsignals.sla.promises import Promises

REPEAT_SPAN = dt.timedelta(days=7)
"""The time after a resolution within which a new ticket of the same contact is a repeat contact."""

TICKET = pl.col("opening") & ~pl.col("outbound") & (pl.col("role") == "support")
"""An expression for a touch that opens a ticket: an email from a customer to support."""

_COLUMNS = (
    *("account", "thread", "conversation", "sent_at", "outbound", "role", "person", "addressee", "urgent"),
    *("opening", "turning"),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TicketRules:
    """The rules for when a ticket is resolved or needs no answer."""

    resolve_after: dt.timedelta = dt.timedelta(hours=72)
    """The silence of the customer after which a response becomes the resolution."""
    closing_after: dt.timedelta | None = None
    """The silence after which a single email after our response needs none itself; None: never."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tickets:
    """All tickets with their cases, as of a time."""

    as_of: dt.datetime
    tickets: pl.DataFrame
    """One row per ticket, in the order of accounts and conversations.

    ``conversation`` (its number), ``account``, ``tier`` (or ``NO_TARGET``), ``contact`` (a person), ``opened_at``,
    ``agent`` (of the resolution, else the last), ``inbound_turns``, ``outbound_turns``, ``answered``, ``resolved_at``,
    ``waiting_for`` (``us`` or ``them``), ``fcr`` and ``reopened`` (null unless resolved), ``escalated`` (null unless
    answered), ``escalated_at``, ``repeat_contact``, and the numbers of emails ``dismissed`` and ``closed``.
    """
    sent: pl.DataFrame
    """``person`` and ``sent_at`` of each outbound touch of a ticket."""
    cases: pl.DataFrame
    """The responses and the resolution of each ticket, with the columns of ``judged_cases``.

    Also ``conversation``, ``person`` (the contact), ``agent``, and ``own_tier`` (the account's tier at the opening).
    """


def build_tickets(
    touches: pl.LazyFrame,
    *,
    as_of: dt.datetime,
    rules: TicketRules,
    conversations: turns.ConversationRules,
    promises: Promises,
    dismissals: pl.DataFrame,
) -> Tickets:
    """Return the tickets of touches, as ``tickets_of_marked`` does after ``turns.with_conversations``.

    Args:
        touches: ``TOUCH_SCHEMA`` in its order.
        as_of: the as-of time.
        rules: the rules for when a ticket is resolved.
        conversations: the rules for the end of a conversation.
        promises: the SLA targets of each account.
        dismissals: ``DISMISSAL_SCHEMA``, the emails that need no response.
    """
    marked = turns.with_conversations(touches, conversations).collect(engine=engine_of(touches))
    return tickets_of_marked(marked, as_of=as_of, rules=rules, promises=promises, dismissals=dismissals)


def tickets_of_marked(
    marked: pl.DataFrame,
    *,
    as_of: dt.datetime,
    rules: TicketRules,
    promises: Promises,
    dismissals: pl.DataFrame,
) -> Tickets:
    """Return the tickets as of a time; later touches and dismissals do not count.

    Args:
        marked: touches after ``turns.with_conversations``.
        as_of: the as-of time.
        rules: the rules for when a ticket is resolved.
        promises: the SLA targets of each account.
        dismissals: ``DISMISSAL_SCHEMA``, the emails that need no response.
    """
    known, engine = marked.lazy().filter(pl.col("sent_at") <= as_of), engine_for(marked.height)
    of_ticket = known.with_columns(ticket=pl.when("opening").then(TICKET).forward_fill())
    kept, others = pl.collect_all(
        [
            of_ticket.filter("ticket").select(_COLUMNS),
            of_ticket.filter(~pl.col("ticket") & ~pl.col("outbound")).select("thread", "sent_at"),
        ],
        engine=engine,
    )
    asked = needed_touches(kept, dismissals, as_of=as_of, closing_after=rules.closing_after)
    found = turns.turns(asked.touches.lazy(), "addressee").collect(engine=engine)
    inbound = pl.concat([others, asked.touches.filter(~pl.col("outbound")).select("thread", "sent_at")])
    opened = kept.filter("opening").with_columns(own_tier=promises.tier(pl.col("account"), pl.col("sent_at")))
    tickets = _tickets(opened, found, asked.touches, inbound, rules, as_of).join(
        asked.needless, on="conversation", how="left", maintain_order="left"
    )
    return Tickets(
        as_of=as_of,
        tickets=tickets.drop("thread", "hope_at", "own_tier").with_columns(
            pl.col("dismissed", "closed").fill_null(0),
            tier=promises.group(promises.policy(pl.col("account"), pl.col("opened_at"))),
        ),
        sent=asked.touches.filter("outbound").select("person", "sent_at"),
        cases=judged_cases(_cases(found, tickets), promises, as_of=as_of).collect(engine=engine),
    )


def _tickets(
    opened: pl.DataFrame,
    found: pl.DataFrame,
    touches: pl.DataFrame,
    inbound: pl.DataFrame,
    rules: TicketRules,
    as_of: dt.datetime,
) -> pl.DataFrame:
    """One row for each touch that ``opened`` a ticket, from the ticket's turns (``found``) and ``touches``."""
    conversation, outbound = pl.col("conversation"), pl.col("outbound")
    ends_here = (conversation != conversation.shift(-1)).fill_null(value=True)
    stands = (
        outbound
        & (pl.col("started_at") <= as_of - rules.resolve_after)
        & ((pl.col("answered_at") - pl.col("started_at") > rules.resolve_after).fill_null(value=True))
    )
    parts = (
        found.filter(stands)
        .filter(_begins_here())
        .select("conversation", resolved_at="started_at", resolved_by="person"),
        found.filter(ends_here).select(
            "conversation", hope_at=pl.when("outbound").then("started_at"), waiting_for=_whose()
        ),
        found.filter(~outbound).filter(ends_here).select("conversation", asked=_agent()),
        found.filter("opening").select("conversation", answered=pl.col("answered_at").is_not_null()),
        found.group_by("conversation").agg(inbound_turns=(~outbound).sum(), outbound_turns=outbound.sum()),
        touches.filter("outbound").group_by("conversation").agg(escalated_at=_second_of_us()),
    )
    tickets = opened.select(
        "conversation", "account", "thread", "addressee", "own_tier", contact="person", opened_at="sent_at"
    )
    for part in parts:
        tickets = tickets.join(part, on="conversation", how="left", maintain_order="left")
    last = inbound.group_by("thread").agg(last_inbound_at=pl.col("sent_at").max())
    flagged = tickets.join(last, on="thread", how="left", maintain_order="left").with_columns(
        pl.col("inbound_turns", "outbound_turns").fill_null(0),
        pl.col("answered").fill_null(value=False),
        pl.col("waiting_for").fill_null("them"),
        agent=pl.coalesce("resolved_by", "asked", "addressee"),
        **_flags(rules),
    )
    return _with_repeats(flagged).drop("addressee", "resolved_by", "asked", "last_inbound_at")


def _second_of_us() -> pl.Expr:
    """The time of the first email by a second person of the team; null if there is none."""
    person = pl.col("person")
    return pl.col("sent_at").filter(person != person.first()).first()


def _begins_here() -> pl.Expr:
    """Whether a row is the first one of its conversation."""
    return (pl.col("conversation") != pl.col("conversation").shift(1)).fill_null(value=True)


def _agent() -> pl.Expr:
    """The agent of an inbound turn: the person who answered it, else its addressee."""
    return pl.coalesce("answered_by", "addressee")


def _whose() -> pl.Expr:
    """The side that writes next: ``us`` or ``them``."""
    return pl.when("outbound").then(pl.lit("them")).otherwise(pl.lit("us"))


def _flags(rules: TicketRules) -> dict[str, pl.Expr]:
    """The outcomes of a ticket, each null where it does not apply."""
    resolved = pl.col("resolved_at").is_not_null()
    once = (pl.col("inbound_turns") == 1) & (pl.col("outbound_turns") == 1)
    again = pl.col("last_inbound_at") > pl.col("resolved_at") + rules.resolve_after
    return {
        "fcr": pl.when(resolved).then(once),
        "reopened": pl.when(resolved).then(again.fill_null(value=False)),
        "escalated": pl.when("answered").then(pl.col("escalated_at").is_not_null()),
    }


def _with_repeats(tickets: pl.DataFrame) -> pl.DataFrame:
    """Tickets with ``repeat_contact``: the contact had another one resolved within ``REPEAT_SPAN`` before."""
    resolved = tickets.filter(pl.col("resolved_at").is_not_null())
    before = resolved.select("contact", before_at="resolved_at").sort("before_at")
    at_once = resolved.group_by("contact", opened_at="resolved_at").agg(others=pl.len().cast(pl.Int64))
    own = (pl.col("resolved_at") == pl.col("opened_at")).fill_null(value=False)
    lately = (pl.col("opened_at") - pl.col("before_at") < REPEAT_SPAN).fill_null(value=False)
    return (
        tickets.with_row_index("place")
        .sort("opened_at")
        .join_asof(
            before,
            left_on="opened_at",
            right_on="before_at",
            by="contact",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .join(at_once, on=["contact", "opened_at"], how="left")
        .sort("place")
        .with_columns(repeat_contact=lately | (pl.col("others").fill_null(0) - own.cast(pl.Int64) > 0))
        .drop("place", "before_at", "others")
    )


def _cases(found: pl.DataFrame, tickets: pl.DataFrame) -> pl.LazyFrame:
    """The responses and resolutions of tickets; a ticket without remaining emails has neither."""
    responses = found.lazy().filter(~pl.col("outbound"))
    first = responses.filter(_begins_here())
    kind = pl.when("opening").then(pl.lit("first_response")).otherwise(pl.lit("next_response"))
    cases = pl.concat(
        [
            responses.select(
                "conversation",
                "account",
                "person",
                "started_at",
                figure=kind,
                ended_at="answered_at",
                agent=_agent(),
                hope_at=pl.lit(None, dtype=INSTANT),
            ),
            first.select("conversation", "account", "person", "started_at", figure=pl.lit("resolution")).join(
                tickets.lazy().select(
                    "conversation", ended_at="resolved_at", agent="agent", hope_at="hope_at"
                ),
                on="conversation",
                how="left",
                maintain_order="left",
            ),
        ]
    )
    tiers = tickets.lazy().select("conversation", "own_tier")
    return cases.join(tiers, on="conversation", how="left", maintain_order="left")
