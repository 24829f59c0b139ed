"""The share of mail that programs wrote, and who is warned of it."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from connectors.base import AUTOMATED
from mailsignals import clock
from mailsignals.readmodel.tables.system import held_by_mailbox
from mailsignals.usecases.automated_mail import (
    ACCOUNT_MAILS,
    AutomatedMail,
    account_warning,
    automated_mail,
    kind_list,
    mailbox_warning,
    with_sign,
)
from tests.mailsignals import small_company
from tests.mailsignals.usecases.automated import BULK, MUTE, add_mail
from tests.mailsignals.usecases.offices import loaded

SIGN_SCHEMA = ("provider", "mailbox", "source", "kind", "sign", "messages")


def found(folder: Path) -> AutomatedMail:
    """What is automated of the mail in a folder's store."""
    with loaded(folder).at(clock.now()) as snapshot:
        return automated_mail(snapshot)


def row(mails: int, automated: int, **more: object) -> dict[str, object]:
    """A mailbox or an account with so many mails, the automated ones being bulk."""
    counts = dict.fromkeys(AUTOMATED, 0) | {"bulk": automated}
    return {"mailbox": "ana@us.test", "provider": "mbox", "account_id": "A1", "name": "Acme"} | {
        **counts,
        "messages": mails,
        "mails": mails,
        "automated": automated,
        "from_account": mails,
        "automated_from_account": automated,
        "sign": None,
        "signs": [],
        **more,
    }


def frame_of_rows(rows: Sequence[dict[str, object]]) -> pl.DataFrame:
    """Mailboxes or accounts as a frame."""
    return pl.DataFrame(rows, infer_schema_length=None)


@pytest.mark.parametrize(
    ("mails", "automated", "warned"), [(0, 0, False), (10, 5, False), (10, 6, True), (1, 1, True)]
)
def test_a_mailbox_is_warned_of_over_half(mails: int, automated: int, *, warned: bool) -> None:
    """Half of it is no warning yet, and an empty one has no share."""
    assert (mailbox_warning(row(mails, automated)) is not None) == warned


def test_nobody_counted() -> None:
    """Where mail is not counted there is nothing to warn of."""
    unknown = row(0, 0) | dict.fromkeys(("messages", "automated", *AUTOMATED))
    assert mailbox_warning(unknown) is None


@pytest.mark.parametrize(
    ("account", "warned"),
    [
        (row(ACCOUNT_MAILS, ACCOUNT_MAILS), True),
        (row(ACCOUNT_MAILS - 1, ACCOUNT_MAILS - 1), False),
        (row(100, 99), False),
        (row(100, 50, from_account=50, automated_from_account=50), True),
        (row(100, 2, from_account=2, automated_from_account=2), False),
        (row(ACCOUNT_MAILS, ACCOUNT_MAILS, from_account=1, automated_from_account=1), True),
        (row(100, 0, from_account=0, automated_from_account=0), False),
    ],
)
def test_an_account_is_warned_of_if_nothing_is_left(account: dict[str, object], *, warned: bool) -> None:
    """All of its mail, or all that its people wrote, and at least some mails."""
    assert (account_warning(account) is not None) == warned


def test_shares_by_kind_are_sorted() -> None:
    """The largest first, small ones without a false zero, and none that is not there."""
    counted = row(1000, 405) | {"bulk": 400, "bounce": 5}
    assert kind_list(counted, of="messages") == "bulk mail 40%, bounces under 1%"


def test_the_sign_of_a_mailbox_is_the_most_frequent_of_its_main_kind() -> None:
    """Counted over all its sources; other mailboxes and kinds don't matter."""
    counts = dict.fromkeys(AUTOMATED, 0) | {"bulk": 5, "bounce": 4}
    held = pl.DataFrame(
        [{"provider": "mbox", "mailbox": box, **counts} for box in ("a@us.test", "b@us.test")]
    )
    signs = pl.DataFrame(
        [
            ("mbox", "a@us.test", "one", "bulk", "List-Unsubscribe", 3),
            ("mbox", "a@us.test", "one", "bulk", "Precedence: bulk", 2),
            ("mbox", "a@us.test", "two", "bulk", "Precedence: bulk", 2),
            ("mbox", "a@us.test", "two", "bounce", "Return-Path: <>", 9),
            ("gmail", "b@us.test", "two", "bulk", "List-Unsubscribe", 9),
        ],
        schema=SIGN_SCHEMA,
        orient="row",
    )
    assert with_sign(held, signs)["sign"].to_list() == ["Precedence: bulk", None]


def test_mail_that_was_imported(stocked: Path) -> None:
    """Per mailbox and per account, with the header that decided; a warning names no subject and no address."""
    add_mail(stocked, "mute", MUTE, small_company.DESK, more=BULK, number=4)
    report = found(stocked)
    (mailbox,) = report.mailboxes.to_dicts()
    assert (mailbox["automated"], mailbox["bulk"], mailbox["sign"]) == (4, 4, "Precedence: bulk")
    assert mailbox["messages"] == small_company.mbox().count(b"Message-ID:") + 4
    first, *others = report.accounts.to_dicts()
    assert (first["account_id"], first["mails"], first["bulk"]) == (small_company.MUTE, 4, 4)
    assert first["signs"] == ["Precedence: bulk"]
    assert {account["automated"] for account in others} == {0}
    (warning,) = report.warnings
    assert warning.startswith(f"Customer 12 ({small_company.MUTE}): all 4 emails are automated")
    assert "`Precedence: bulk`" in warning
    assert "secret plan" not in warning
    assert MUTE not in warning


def test_one_list_takes_over_a_mailbox(stocked: Path) -> None:
    """The mailbox is warned of, and what nobody wrote to us is no account's."""
    add_mail(stocked, "news", "news@shop.test", small_company.DESK, more=BULK, number=700)
    report = found(stocked)
    (warning,) = report.warnings
    assert warning.startswith(
        f"{small_company.DESK} (mbox): 53% of 1,324 emails are automated (bulk mail 53%"
    )
    assert report.accounts["automated"].sum() == 0


def test_every_surface_counts_alike(stocked: Path) -> None:
    """The table of mailboxes is the one of status, of pages and of editions."""
    add_mail(stocked, "mute", MUTE, small_company.DESK, more=BULK)
    with loaded(stocked).at(clock.now()) as snapshot:
        held = held_by_mailbox(snapshot.messages)
        assert automated_mail(snapshot).mailboxes.drop("sign").equals(held)
