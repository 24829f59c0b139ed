"""Checking: which mailboxes can be read, and whether the account book fits the mail."""

from pathlib import Path

import pytest

from connectors.base import ConnectorError, GiveUpError, SignInError
from connectors.provider import Checked, Mailbox
from mailsignals.config.starter import EXAMPLE_DOMAIN
from mailsignals.usecases import sync as sync_use_case
from mailsignals.usecases.check import Findings, check
from mailsignals.usecases.sync import NO_MAILBOXES
from tests.mailsignals import small_company
from tests.mailsignals.sync.test_mailboxes import Tenant
from tests.mailsignals.usecases.offices import imported, loaded
from tests.mailsignals.usecases.test_sync import runtime


class Unlisted(Tenant):
    """A provider whose group cannot be read."""

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """It fails."""
        raise SignInError("gmail", "the key was refused.", "Make a new one.")


class Doubtful(Tenant):
    """A provider of which one mailbox can be read and another cannot."""

    def check(self, mailbox: Mailbox) -> Checked:
        """Bo's cannot be read."""
        if mailbox.address.startswith("bo"):
            error = GiveUpError(mailbox.address, "it is suspended.", "Restore it.", state="suspended")
            return Checked(mailbox=mailbox.address, error=error)
        return Checked(mailbox=mailbox.address, scopes=("read", "send"), excess=("send",), messages=7)


def found(folder: Path) -> Findings:
    """What a check finds in the company of a folder, where nobody is asked to sign in."""
    return check(loaded(folder), runtime(), sign_in=False)


def test_each_mailbox_is_asked_for(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be read has its reason; a provider that cannot list its mailboxes has an error and no rows."""
    tenants = [Doubtful({"ana@us.test": [], "bo@us.test": []}), Unlisted({})]
    monkeypatch.setattr(sync_use_case, "providers", lambda *_: tenants)
    findings = found(company)
    assert findings.mailboxes.rows() == [
        ("memory", "ana@us.test", "can be read", 7, ["read", "send"], ["send"], None, None),
        ("memory", "bo@us.test", "suspended", None, [], [], "it is suspended.", "Restore it."),
    ]
    kinds: list[type[ConnectorError]] = [type(error) for error in findings.errors]
    assert kinds == [GiveUpError, SignInError]


def test_the_mails_of_people_add_up(stocked: Path) -> None:
    """Whose they are: of accounts, of us, of others; and how many accounts never wrote."""
    findings = found(stocked)
    mails = small_company.mbox().count(b"Message-ID:")
    coverage = findings.coverage
    assert coverage is not None
    assert coverage.mails == mails
    assert (coverage.accounts, coverage.silent_accounts, coverage.from_others) == (11, 1, 1)
    assert coverage.from_accounts + coverage.from_us + coverage.from_others == mails
    assert findings.unclaimed.rows() == [("stranger.test", 1)]


def test_machines_do_not_count(stocked: Path) -> None:
    """What no person wrote is no reason to look for an account."""
    mail = small_company.a_mail("robot", small_company.MIDNIGHT, "robot@shop.test", small_company.DESK)
    (stocked / "robot.mbox").write_bytes(mail.replace(b"Subject:", b"Precedence: bulk\nSubject:"))
    imported(stocked, "robot.mbox")
    assert found(stocked).unclaimed["domain"].to_list() == ["stranger.test"]


def test_a_check_works_before_any_mail_is_there(company: Path) -> None:
    """It makes no store, and says what a first configuration lacks."""
    findings = found(company)
    assert (findings.has_store, findings.coverage, findings.unclaimed.height) == (False, None, 0)
    assert findings.unfinished == [NO_MAILBOXES]
    assert not (company / "store").exists()


def test_accounts_that_cannot_match_or_did_not_are_named(stocked: Path) -> None:
    """Against the stored mail: who never wrote nor was written to, with the domain that was probably meant."""
    assert found(stocked).doubts.select("account_id", "kind").rows() == [(small_company.MUTE, "no_mail")]
    book = small_company.accounts().replace("a01.test", "strangr.test").replace("a02.test", "co.uk")
    (stocked / "accounts.csv").write_text(book, encoding="utf-8")
    doubts = found(stocked).doubts
    assert doubts.select("account_id", "kind", "value").rows()[:3] == [
        ("A01", "no_mail", None),
        ("A02", "public_suffix", "co.uk"),
        ("A02", "unmatchable", None),
    ]
    assert "stranger.test" in doubts["doubt"][0]


def test_without_mail_only_the_list_itself_is_judged(company: Path) -> None:
    """That no mail was seen is not said before there is any."""
    assert found(company).doubts.is_empty()


def test_the_example_of_a_first_configuration_is_to_be_replaced(stocked: Path) -> None:
    """As long as it stands in the account book."""
    assert found(stocked).unfinished == []
    book = small_company.accounts().replace("a01.test", EXAMPLE_DOMAIN)
    (stocked / "accounts.csv").write_text(book, encoding="utf-8")
    (sentence,) = found(stocked).unfinished
    assert sentence.startswith(str(stocked / "accounts.csv"))
