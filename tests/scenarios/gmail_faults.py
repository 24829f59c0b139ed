"""G11 to G24, G46 and G47: answers that are late, cut off, refused, odd or hostile."""

import datetime as dt

from connectors.base import UNREADABLE, GiveUpError, RetryLaterError
from mailsignals.sync.plan import Step
from tests.scenarios.gmail_table import scenario
from tests.scenarios.gmail_tenant import HURRIED, GmailTenant
from tests.support.gmail import batch, batch_faults, content_faults, errors, faults
from tests.support.gmail.matching import batches, gets, histories, lists, methods, profiles
from tests.support.gmail.message import mail
from tests.support.loopback import Fault


def singles(gmail: GmailTenant, count: int) -> list[str]:
    """So many messages, each in a thread of its own."""
    return [gmail.box.deliver() for _ in range(count)]


@scenario("G11")
def three_parts_are_too_many(gmail: GmailTenant) -> None:
    """Only what was refused is asked for again, in smaller batches."""
    singles(gmail, 60)
    gmail.fault(faults.too_many_concurrent(gets(), times=3))
    gmail.done()
    assert gmail.requests("users.messages.get") == 60


@scenario("G11")
def the_server_bears_few_at_once(gmail: GmailTenant) -> None:
    """With a limit of ten at once all messages come, and most answers are no refusals."""
    gmail.server.concurrent = 10
    singles(gmail, 300)
    gmail.done()
    assert gmail.server.counts.throttled["concurrent"] < 100


@scenario("G12")
def one_message_cannot_be_had(gmail: GmailTenant) -> None:
    """It is set aside with a reason after a bounded number of tries; the others come; later it is asked for again."""
    ids = singles(gmail, 30)
    gmail.fault(faults.poisoned(ids[7]))
    gmail.exempt = {ids[7]}
    gmail.done()
    assert gmail.skipped() == {ids[7]: UNREADABLE}
    gmail.assert_true()
    gmail.server.faults.clear()
    gmail.done()
    assert ids[7] not in gmail.ids()
    gmail.wait(days=0.1)
    gmail.done()
    assert ids[7] in gmail.ids()
    assert gmail.skipped() == {}
    gmail.exempt = set()


@scenario("G13")
def one_part_fails_once(gmail: GmailTenant) -> None:
    """500 for one part, and the message comes at the second try."""
    ids = singles(gmail, 30)
    gmail.fault(faults.internal_error(gets(ids[3])), faults.unavailable(gets(ids[4]), times=3))
    gmail.done()


@scenario("G14")
def parts_are_missing(gmail: GmailTenant) -> None:
    """What a batch leaves out is asked for again."""
    singles(gmail, 60)
    gmail.fault(batch_faults.parts_missing(3, times=2))
    gmail.done()


@scenario("G14")
def every_batch_misses_a_part(gmail: GmailTenant) -> None:
    """A server that always leaves out the last of several is asked for one at a time."""
    singles(gmail, 12)
    gmail.fault(
        faults.spoiling(
            lambda request: batches(request) and request.body.count(b"Content-ID") > 1,
            lambda answer: batch.join_parts(batch.split_parts(answer)[:-1]),
            times=faults.FOR_EVER,
        )
    )
    gmail.done()


@scenario("G14")
def parts_come_twice_or_from_nowhere(gmail: GmailTenant) -> None:
    """A part that comes twice, under another's name, or answers nothing that was asked does no harm."""
    singles(gmail, 60)
    gmail.fault(
        batch_faults.part_twice(),
        batch_faults.content_id_of_another(),
        batch_faults.unknown_content_id(),
        batch_faults.parts_in_another_order(),
    )
    gmail.done()


@scenario("G15")
def a_batch_is_cut_off(gmail: GmailTenant) -> None:
    """What came of a batch that ends in the middle, or is no batch, is asked for again as a whole."""
    singles(gmail, 60)
    gmail.fault(batch_faults.truncated(), batch_faults.truncated(0.9), batch_faults.not_multipart())
    gmail.done()


@scenario("G16")
def the_server_asks_for_patience(gmail: GmailTenant) -> None:
    """After Retry-After nothing is asked for before the time has come, whether of a batch or a single request."""
    singles(gmail, 5)
    gmail.fault(faults.retry_after(lists, "7"), faults.retry_after(batches, "9", code=503))
    gmail.fault(faults.bad_gateway(batches), faults.unavailable(profiles, times=2))
    gmail.done()
    assert gmail.clock.elapsed >= 16


@scenario("G16")
def the_wait_stands_in_the_text(gmail: GmailTenant) -> None:
    """Gmail may say until when only in the message of the error."""
    singles(gmail, 5)
    gmail.fault(faults.retry_after_in_text(lists, gmail.clock.now() + dt.timedelta(seconds=45)))
    gmail.done()
    assert 45 <= gmail.clock.elapsed < 60


@scenario("G17")
def batches_have_a_limit(gmail: GmailTenant) -> None:
    """The limit is read from the refusal, and kept to."""
    gmail.server.batch_limit = 10
    singles(gmail, 100)
    gmail.done()
    refused = sum(request.body.count(b"Content-ID") > 10 for request in gmail.server.log if batches(request))
    assert refused == 1


@scenario("G18")
def the_token_ends_in_the_middle(gmail: GmailTenant) -> None:
    """A token that is no longer accepted is renewed once, and what it was refused for is sent again."""
    singles(gmail, 120)
    gmail.fault(faults.before(batches, gmail.server.issuer.revoke, skip=1))
    gmail.done()


@scenario("G19")
def answers_are_cut_off(gmail: GmailTenant) -> None:
    """200 with half of the JSON, or with nothing, is no answer."""
    gmail.box.fill(30)
    gmail.fault(faults.cut_json(profiles), faults.empty_body(profiles), faults.page_with_200(lists))
    gmail.fault(faults.cut_json(lists), faults.empty_body(gets()), faults.cut_json(gets(), times=3))
    gmail.fault(faults.cut_json(histories), faults.empty_body(histories))
    gmail.done()


@scenario("G20")
def the_minute_is_used_up(gmail: GmailTenant) -> None:
    """Being over the minute's quota costs time, and no message."""
    singles(gmail, 60)
    gmail.fault(faults.minute_used_up(gets(), times=30), faults.user_rate_limit(lists))
    gmail.fault(faults.resource_exhausted(histories))
    gmail.done()
    assert gmail.clock.elapsed < 300


@scenario("G21")
def the_day_is_used_up(gmail: GmailTenant) -> None:
    """The run stops, says why, asks nothing for an hour, and goes on where it was when the quota is there again."""
    gmail.box.fill(1_200)
    gmail.fault(Fault(matches=methods, answer=errors.daily_limit(), times=None, skip=8))
    outcome = gmail.sync()
    assert isinstance(outcome.error, RetryLaterError)
    assert (outcome.error.state, outcome.error.everywhere) == ("quota used up", True)
    gmail.server.faults.clear()
    asked = gmail.server.counts.requests.total()
    assert gmail.sync().step is Step.WAIT
    assert gmail.server.counts.requests.total() == asked
    gmail.wait(days=1 / 24)
    gmail.done()


@scenario("G21")
def the_api_is_not_enabled(gmail: GmailTenant) -> None:
    """The message says where to enable it."""
    gmail.server.api_enabled = False
    error = gmail.sync().error
    assert isinstance(error, GiveUpError)
    assert (error.state, error.everywhere) == ("API not enabled", True)
    assert "Gmail API" in error.remedy
    gmail.server.api_enabled = True
    gmail.done()


@scenario("G22")
def a_request_is_beyond_the_scope(gmail: GmailTenant) -> None:
    """It would be our mistake: it is said at once, and not tried again."""
    singles(gmail, 3)
    gmail.fault(faults.forbidden(gets(), "Metadata scope doesn't allow format FULL"))
    error = gmail.sync().error
    assert isinstance(error, GiveUpError)
    assert "report" in error.remedy
    assert gmail.requests("users.messages.get") + gmail.requests("users.threads.get") <= 3
    gmail.server.faults.clear()
    gmail.done()


@scenario("G23")
def messages_lack_parts(gmail: GmailTenant) -> None:
    """Without labels, headers or an instant of Gmail's a message is kept as far as it can be."""
    archived = gmail.box.deliver()
    gmail.box.archive(archived)
    dateless = gmail.box.deliver()
    headless = gmail.box.deliver()
    gmail.fault(content_faults.without(gets(dateless), "internalDate"))
    gmail.fault(content_faults.without(gets(headless), "payload/headers"))
    gmail.exempt = {headless}
    gmail.done()
    rows = {row["provider_id"]: row for row in gmail.rows()}
    assert rows.keys() == {archived, dateless, headless}
    assert rows[archived]["labels"] == []
    assert (rows[headless]["sender"], rows[headless]["subject"]) == ("", None)
    gmail.exempt = set()
    gmail.server.faults.clear()
    gmail.box.add_labels(headless, "STARRED")
    gmail.done()


@scenario("G24")
def headers_are_hostile(gmail: GmailTenant) -> None:
    """Whatever a header is called or holds, it is read, bounded, or left out, and no message is lost."""
    at = gmail.clock.now()
    odd = [
        [("FROM", "Bo <bo@acme.test>"), ("tO", "ana@us.test"), ("message-ID", "<mixed@acme.test>")],
        [("From", "a@acme.test"), ("From", "b@acme.test"), ("Message-ID", "")],
        [("To", "ana@us.test"), ("Subject", "=?utf-8?q?=C3=BCber?= \ud83d folded\r\n too")],
        [("From", "x" * 1_000_000), ("References", " ".join(f"<{n}@x.test>" for n in range(200)))],
        [("__proto__", "a"), ("constructor", "b"), ("X-Gmail-Labels", "Draft"), ("From", "c@acme.test")],
        [("Subject", "\x00\x1b[31m\u202e"), ("From", "=?broken?="), ("Message-ID", "<a b@c>")],
    ]
    for headers in odd:
        gmail.box.deliver(
            tuple((name, value.encode("utf-8", "replace").decode()) for name, value in headers), at=at
        )
    for number in range(3):
        gmail.box.deliver(mail("bo@acme.test", "ana@us.test", "ok", at=at, message_id=f"{number}@acme.test"))
    gmail.done()
    assert len(gmail.rows()) == len(odd) + 3


@scenario("G46")
def the_server_hangs(gmail: GmailTenant) -> None:
    """A server that says nothing, drips, or hangs up in the middle is asked again."""
    gmail.options = {"timeouts": HURRIED}
    gmail.box.fill(40)
    gmail.fault(
        faults.hang(lists), faults.reset(profiles), faults.closed_early(lists), faults.reset(batches, at=50)
    )
    gmail.fault(faults.slow_drip(batches, 0.2), faults.hang(batches))
    gmail.done()


@scenario("G47")
def nothing_goes_to_google(gmail: GmailTenant) -> None:
    """Every request, batches and sign-in among them, goes to the server that is configured."""
    gmail.box.fill(120)
    gmail.done()
    assert gmail.server.counts.batches > 0
    assert any(request.path == "/token" for request in gmail.server.log)


@scenario("G22 privacy")
def more_comes_than_was_asked_for(gmail: GmailTenant) -> None:
    """The beginning of a body that a server gives unasked is not stored."""
    ids = singles(gmail, 3)
    gmail.fault(*(content_faults.with_snippet(gets(name), "Dear Ana, the secret") for name in ids))
    gmail.done()
    assert not [path for path in gmail.folder.rglob("*") if path.is_file() and b"secret" in path.read_bytes()]


@scenario("G22 privacy")
def subjects_are_not_asked_for(gmail: GmailTenant) -> None:
    """Where subjects are not wanted, their header is not even asked for."""
    gmail.options["subjects"] = False
    gmail.server.allowed_headers = gmail.server.allowed_headers - {"subject"}
    gmail.box.fill(30)
    gmail.done()
    assert {row["subject"] for row in gmail.rows()} == {None}


@scenario("G30")
def the_first_history_request_is_refused(gmail: GmailTenant) -> None:
    """400 for a history id means the same as 404."""
    gmail.box.fill(5)
    gmail.done()
    gmail.box.deliver()
    gmail.fault(faults.answering(histories, errors.invalid_argument("Invalid value at 'start_history_id'")))
    gmail.done()
