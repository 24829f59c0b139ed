"""G39 to G41, G44 and G45: who may read what, and how fast."""

import dataclasses
import datetime as dt
import json

import pytest

from connectors.base import GiveUpError, RetryLaterError, SignInError
from connectors.gmail import LEGACY, STANDARD, GmailBearerToken, InstalledApp, ServiceAccount
from connectors.provider import Mailbox as Address
from mailsignals.errors import UserError
from mailsignals.store import Store
from mailsignals.sync.plan import Step
from tests.scenarios.gmail_table import scenario
from tests.scenarios.gmail_tenant import ANA, GmailTenant
from tests.support.gmail import faults
from tests.support.gmail.mailbox import State
from tests.support.gmail.matching import batches, gets
from tests.support.gmail.oauth import METADATA, another_key, key_text
from tests.support.gmail.quota import CURRENT, Quota
from tests.support.gmail.quota import LEGACY as LEGACY_PROFILE

PEOPLE = {
    "deleted@us.test": ("deleted", GiveUpError),
    "gone@us.test": ("not found", GiveUpError),
    "suspended@us.test": ("not found", GiveUpError),
    "nomail@us.test": ("no mailbox", GiveUpError),
    "skewed@us.test": ("clock skew", SignInError),
    "outside@us.test": ("not authorised", SignInError),
}


@scenario("G39")
def people_come_and_go(gmail: GmailTenant) -> None:
    """Each trouble has a name of its own and a remedy; the others are read; who comes back is read again."""
    states = {
        "deleted@us.test": State.DELETED,
        "gone@us.test": State.LONG_GONE,
        "suspended@us.test": State.SUSPENDED,
        "nomail@us.test": State.NO_GMAIL,
    }
    for address in PEOPLE:
        gmail.server.mailbox(address).state = states.get(address, State.ACTIVE)
        gmail.server.mailbox(address).deliver()
    gmail.server.issuer.refusals = {"skewed@us.test": "clock_skew", "outside@us.test": "not_delegated"}
    gmail.box.deliver()
    gmail.addresses = (ANA, *PEOPLE)
    outcomes = gmail.sync_all()
    assert outcomes[ANA].complete
    found = {name: outcome.error for name, outcome in outcomes.items() if outcome.error}
    assert {name: (error.state, type(error)) for name, error in found.items()} == PEOPLE
    assert all(error.remedy for error in found.values())
    assert gmail.sync_all(patient=True)["deleted@us.test"].step is Step.WAIT
    for address in PEOPLE:
        gmail.server.mailbox(address).state = State.ACTIVE
    gmail.server.issuer.refusals = {}
    assert all(outcome.complete for outcome in gmail.sync_all().values())


@scenario("G39")
def a_suspended_user_s_mail_is_listed_only(gmail: GmailTenant) -> None:
    """Where a mailbox can be listed and no message can be had, it is the mailbox, and nothing is set aside."""
    for _ in range(30):
        gmail.box.deliver()
    for answer in (faults.forbidden(gets(), "Forbidden"), faults.unavailable(gets(), times=faults.FOR_EVER)):
        gmail.fault(answer)
        error = gmail.sync().error
        assert error is not None
        assert error.state == "suspended"
        assert gmail.skipped() == {}
        gmail.server.faults.clear()
    gmail.done()


@scenario("G39")
def the_key_is_no_longer_valid(gmail: GmailTenant) -> None:
    """A key that was replaced is everybody's trouble, and said once."""
    good = gmail.sign_in
    assert isinstance(good, ServiceAccount)
    gmail.sign_in = ServiceAccount(key={**good.key, "private_key": key_text(another_key())})
    error = gmail.sync().error
    assert isinstance(error, SignInError)
    assert (error.state, error.everywhere) == ("key rejected", True)
    gmail.sign_in = ServiceAccount(key={**good.key, "private_key": "no key"})
    error = gmail.sync().error
    assert isinstance(error, SignInError)
    assert error.state == "key rejected"
    gmail.sign_in = good
    gmail.done()


@scenario("G40")
def a_token_of_another_mailbox(gmail: GmailTenant) -> None:
    """A token opens its own mailbox only; the message says so."""
    gmail.server.mailbox("bo@us.test")
    gmail.box.deliver()
    gmail.addresses = (ANA, "bo@us.test")
    right, token = gmail.sign_in, gmail.server.issuer.token(ANA)
    gmail.sign_in = GmailBearerToken(lambda: token)
    outcomes = gmail.sync_all()
    assert outcomes[ANA].complete
    error = outcomes["bo@us.test"].error
    assert isinstance(error, GiveUpError)
    assert error.state == "not authorised"
    gmail.sign_in = right
    gmail.sync_all()


@scenario("G39")
def a_person_signs_in(gmail: GmailTenant) -> None:
    """A person's own permission is read from its file; without it, or once it is withdrawn, the message says so."""
    right, file = gmail.sign_in, gmail.folder.parent / "permission.json"
    gmail.sign_in = InstalledApp(client={}, token_file=file)
    error = gmail.sync().error
    assert isinstance(error, SignInError)
    assert "mailsignals check" in error.remedy
    file.write_text(json.dumps(gmail.server.issuer.installed_app(gmail.server.root, ANA)))
    gmail.box.deliver()
    gmail.done()
    gmail.server.issuer.grants.clear()
    error = gmail.sync().error
    assert isinstance(error, SignInError)
    assert error.state == "signed out"
    gmail.sign_in = right
    gmail.done()


@scenario("G40")
def a_token_that_is_over(gmail: GmailTenant) -> None:
    """A token cannot be renewed: the message says to get a new one."""
    right = gmail.sign_in
    gmail.sign_in = GmailBearerToken(lambda: "ya29.no-longer-good")
    error = gmail.sync().error
    assert isinstance(error, SignInError)
    assert "new one" in error.remedy
    gmail.sign_in = right
    gmail.done()


@scenario("G41")
def the_quota_of_today(gmail: GmailTenant) -> None:
    """Under the quota since May 2026 nine tenths of it are used, and not one answer is a refusal."""
    keeps_to_the_quota(gmail, messages=1_500, standard=True)


@scenario("G41")
def the_quota_of_old_projects(gmail: GmailTenant) -> None:
    """The same under the quota of older projects."""
    keeps_to_the_quota(gmail, messages=10_000, standard=False)


def keeps_to_the_quota(gmail: GmailTenant, *, messages: int, standard: bool) -> None:
    """Read so many messages under an enforced quota."""
    quota = STANDARD if standard else LEGACY
    profile = CURRENT if standard else LEGACY_PROFILE
    gmail.server.quota = Quota(profile, now=gmail.clock.now, window="sliding")
    gmail.options["quota"] = quota
    gmail.box.fill(messages)
    gmail.done()
    minutes = gmail.clock.elapsed / 60
    used = gmail.server.counts.units.total()
    assert gmail.server.counts.throttled.total() == 0
    assert used >= 0.9 * quota.units_per_user_minute * max(minutes, 1)


@scenario("G41")
def the_quota_is_smaller_than_we_were_told(gmail: GmailTenant) -> None:
    """A server that permits half of what it said slows us down and loses nothing."""
    profile = dataclasses.replace(CURRENT, per_user=3_000)
    gmail.server.quota = Quota(profile, now=gmail.clock.now, window="fixed")
    gmail.options["quota"] = STANDARD
    gmail.box.fill(3_000)
    gmail.done()


@scenario("G44")
def two_programs_at_once(gmail: GmailTenant) -> None:
    """While one writes, the other is refused, and says who holds the store."""
    gmail.box.deliver()
    with Store.open(gmail.folder, mode="write"), pytest.raises(UserError, match="another program is writing"):
        gmail.sync()
    gmail.done()


@scenario("G45")
def too_little_or_too_much_is_allowed(gmail: GmailTenant) -> None:
    """A token without the scope is refused with its name; one that allows more is named as too much."""
    right = gmail.sign_in
    little = gmail.server.issuer.token(ANA, scopes=["https://www.googleapis.com/auth/gmail.labels"])
    gmail.sign_in = GmailBearerToken(lambda: little)
    error = gmail.sync().error
    assert isinstance(error, SignInError)
    assert "gmail.metadata" in error.remedy
    gmail.sign_in = right
    checked = gmail.provider().check(Address(address=ANA))
    assert (checked.error, checked.scopes, checked.excess) == (None, (METADATA,), ())
    gmail.done()


@scenario("X2")
def the_clock_goes_back(gmail: GmailTenant) -> None:
    """A clock that jumps back makes no endless wait, and no comparison that never comes."""
    gmail.box.fill(10)
    gmail.done()
    gmail.clock.start -= dt.timedelta(days=400)
    gmail.fault(faults.retry_after(batches, "3"))
    gmail.box.deliver()
    gmail.done()


@scenario("X5")
def many_mailboxes_at_once(gmail: GmailTenant) -> None:
    """Forty mailboxes are read side by side, and none gets another's mail."""
    gmail.addresses = (ANA, *(f"p{number}@us.test" for number in range(40)))
    for address in gmail.addresses:
        gmail.server.mailbox(address).fill(7)
    assert all(outcome.complete for outcome in gmail.sync_all().values())


@scenario("G45")
def a_server_that_is_out_of_order(gmail: GmailTenant) -> None:
    """When nothing works the mailbox is left for later, after a bounded number of tries."""
    gmail.fault(faults.unavailable(lambda _: True, times=faults.FOR_EVER))
    error = gmail.sync().error
    assert isinstance(error, RetryLaterError)
    assert len(gmail.server.log) < 60
    gmail.server.faults.clear()
    gmail.done()
