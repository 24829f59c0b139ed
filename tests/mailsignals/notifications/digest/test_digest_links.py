"""The links of a digest."""

import datetime as dt

import polars as pl

from mailsignals.flags.news import NEWS_SCHEMA
from mailsignals.notifications.digest.digest import Digest
from mailsignals.notifications.digest.html import html, letter
from mailsignals.notifications.digest.links import BY_LINK, Links, Permit, permit_of
from mailsignals.notifications.digest.text import short, text
from tests.mailsignals.notifications.digest.assessed import AS_OF, a_row, a_ticket, digests_of

LINKS = Links(url="https://dash.us.test", secret=b"s" * 32, at=AS_OF)


def linked(links: Links | None = LINKS, *, most: int = 5, **account: object) -> Digest:
    """The digest about a flagged account, and another one, with links."""
    news = pl.DataFrame(
        [{"account_id": name, "news": "still", "flagged_on": dt.date(2026, 2, 20)} for name in ("A/17", "B")],
        schema=NEWS_SCHEMA,
    )
    rows = (a_row("A/17", "high", **account), a_row("B", "high", **account))
    (digest,) = digests_of(*rows, news=news, links=links, most=most)
    return digest


def test_a_card_leads_to_its_account_and_to_where_one_says_what_became_of_it() -> None:
    """The second link is for this flag and its CSM."""
    card = linked().cards[0]
    assert card.account_url == "https://dash.us.test/accounts/A%2F17"
    assert card.feedback_url is not None
    assert permit_of(card.feedback_url.partition("=")[2], secret=LINKS.secret, at=AS_OF) == Permit(
        account_id="A/17", csm="ana@us.test", opened_on=dt.date(2026, 2, 20)
    )


def test_who_is_not_shown_is_in_the_list() -> None:
    """With a link in place of a command."""
    assert linked(most=1).not_shown == "1 more account is at high risk."
    assert linked(most=1).list_url == "https://dash.us.test/accounts?csm=ana%40us.test"
    assert (
        linked(None, most=1).not_shown
        == "1 more account is at high risk; run `mailsignals risk` to list all."
    )


def test_without_a_dashboard_commands_say_what_links_would() -> None:
    """And so they do where nobody is to be asked; where nothing is recorded, neither has anything to say."""
    assert linked(None).remarks[-1] == "Type it."
    assert (linked(None).cards[0].account_url, linked(None).list_url) == (None, None)
    assert linked().remarks[-1] == BY_LINK
    assert linked(csm=None).remarks[-1] == "Type it."
    assert linked(csm=None).cards[0].feedback_url is None
    (unrecorded,) = digests_of(a_row("A", "high"), links=LINKS)
    assert unrecorded.cards[0].feedback_url is None
    assert unrecorded.cards[0].account_url is not None


def test_their_last_mail_is_a_link_where_the_csm_has_it() -> None:
    """On a card and in the queue; without a dashboard too."""
    copy = {"provider": "gmail", "mailbox": "ana@us.test", "message_id": "m1"}
    (digest,) = digests_of(
        a_row("A", "high", copy=copy, last_inbound_person="kim@a.test", days_since_inbound=1.0),
        a_row("B", "high"),
        owed=[a_ticket("A", 5.0, copy=copy), a_ticket("A", 6.0)],
    )
    ways = [*(card.mail for card in digest.cards), *(ticket.mail for ticket in digest.waiting.shown)]
    assert [way is not None for way in ways] == [True, False, True, False]
    for said in (html(digest), text(digest)):
        assert said.count("https://mail.google.com/mail/?authuser=ana%40us.test#search/rfc822msgid%3Am1") == 2


def test_a_hostile_sender_does_not_break_out_of_a_link() -> None:
    """What to search for in Outlook stands as text."""
    sender = "<b>\u202e\"'@a.test"
    copy = {"provider": "microsoft365", "mailbox": "ana@us.test", "message_id": "m1"}
    (digest,) = digests_of(
        a_row("A", "high", copy=copy, last_inbound_person=sender, days_since_inbound=1.0), links=LINKS
    )
    for said in (html(digest), letter(digest).html):
        assert "<b>" not in said
        assert "\u202e" not in said
        assert "from:&lt;b&gt;" in said
    assert "Open Outlook: https://outlook.office.com/mail/ and search for from:<b>" in text(digest)


def test_mail_and_text_hold_every_link_and_a_channel_none() -> None:
    """Whoever has a link may speak in the name of its CSM, so none is shown to several people."""
    digest = linked(most=1)
    (card,) = digest.cards
    for url in (card.account_url, card.feedback_url, digest.list_url):
        assert url is not None
        for said in (letter(digest).html, html(digest), text(digest)):
            assert url in said
    for name in ("dismissed", "snoozed", "saved"):
        assert f'href="{card.feedback_url}#{name}"' in letter(digest).html
    assert "http" not in short(digest)
    assert "http" not in text(linked(None)) + html(linked(None))
