import datetime as dt
import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Cursor
from connectors.gmail import LEGACY, STANDARD
from connectors.gmail.cursor import GmailBookmark, read_gmail_bookmark
from connectors.gmail.errors import GmailErrorKind, judge_gmail_error
from connectors.gmail.history import history_changes, newest
from connectors.gmail.parse import internal_date, parse_gmail_message
from connectors.gmail.reconcile import absent_ids, relabelled_ids
from connectors.gmail.sign_in_errors import gmail_sign_in_error
from connectors.mail import Own

ANA = "ana@us.test"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "message", "history", "payload", "headers", "name", "value", "labelIds"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_a_bookmark_survives() -> None:
    """A bookmark comes back as it was, whatever size its history id has."""
    at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    mark = GmailBookmark(
        history=str(2**70), listing=True, token="t", old_pages=2, horizon=at, checked_at=None
    )
    assert read_gmail_bookmark(mark.cursor()) == mark


@pytest.mark.slow
@given(st.text() | JSON.map(json.dumps))
def test_what_is_no_bookmark_means_starting_over(text: str) -> None:
    """Whatever a text is, it is a bookmark of ours or none, and never an error."""
    assert read_gmail_bookmark(Cursor(text)) is None


@pytest.mark.parametrize(
    ("status", "reason", "message", "kind"),
    [
        (429, "rateLimitExceeded", "Too many concurrent requests for user", GmailErrorKind.CROWDED),
        (429, "rateLimitExceeded", "Resource has been exhausted", GmailErrorKind.THROTTLED),
        (429, "rateLimitExceeded", "Quota exceeded for limit 'Queries per day'", GmailErrorKind.FATAL),
        (403, "userRateLimitExceeded", "User Rate Limit Exceeded", GmailErrorKind.THROTTLED),
        (403, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries'", GmailErrorKind.THROTTLED),
        (403, "dailyLimitExceeded", "Daily Limit Exceeded", GmailErrorKind.FATAL),
        (403, "forbidden", "Delegation denied for bo@us.test", GmailErrorKind.FATAL),
        (403, "forbidden", "Forbidden", GmailErrorKind.REFUSED),
        (400, "invalidArgument", "Invalid pageToken", GmailErrorKind.REJECTED),
        (400, "failedPrecondition", "Mail service not enabled", GmailErrorKind.FATAL),
        (404, "notFound", "Requested entity was not found.", GmailErrorKind.MISSING),
        (503, "backendError", "Backend Error", GmailErrorKind.RETRY),
        (418, "teapot", "I'm a teapot", GmailErrorKind.REFUSED),
    ],
)
def test_a_refusal_is_understood(status: int, reason: str, message: str, kind: GmailErrorKind) -> None:
    """Status, reason and words together say what to do, in the new form of errors as in the old one."""
    old = {"error": {"code": status, "message": message, "errors": [{"reason": reason, "domain": "global"}]}}
    assert judge_gmail_error(status, json.dumps(old), mailbox=ANA).kind is kind


def test_the_limit_of_a_batch_is_read() -> None:
    """It stands in the text of the refusal."""
    body = json.dumps(
        {"error": {"message": "Inner request count exceeds the limit. Received: 250, Limit: 100"}}
    )
    assert judge_gmail_error(400, body, mailbox=ANA).limit == 100


@pytest.mark.slow
@given(st.integers(300, 599), st.binary() | JSON.map(lambda value: json.dumps({"error": value}).encode()))
def test_no_refusal_is_too_odd(status: int, body: bytes) -> None:
    """Whatever a server says, it means something."""
    assert judge_gmail_error(status, body, mailbox=ANA).kind in GmailErrorKind


@given(st.text(max_size=30), st.text(max_size=60))
def test_no_refused_sign_in_is_too_odd(code: str, description: str) -> None:
    """Whatever the token endpoint says, there is a problem, a remedy and a state."""
    error = gmail_sign_in_error(code, description, mailbox=ANA, client="1")
    assert error.problem
    assert error.remedy
    assert error.state


def test_a_word_is_no_part_of_a_word() -> None:
    """The claim "iat" is about a time; "initial" is not."""
    assert (
        gmail_sign_in_error("invalid_grant", "Initial grant revoked.", mailbox=ANA, client="1").state
        == "signed out"
    )
    skewed = "Invalid JWT: check your iat and exp values"
    assert gmail_sign_in_error("invalid_grant", skewed, mailbox=ANA, client="1").state == "clock skew"


@given(JSON)
def test_no_history_is_too_odd(records: object) -> None:
    """Records of any shape name messages or nothing."""
    found = history_changes(records)
    assert not set(found.changed) & set(found.deleted)


def test_the_newest_history_id_is_a_number() -> None:
    """Ids are compared as numbers of any size, whether they come as text or not."""
    assert newest("9", 10, None, "", str(2**65), "x") == str(2**65)


@pytest.mark.slow
@given(JSON.filter(lambda value: isinstance(value, dict)))
def test_no_message_is_too_odd(raw: object) -> None:
    """A resource of any shape gives a message or a reason, and nothing else of it is kept."""
    assert isinstance(raw, dict)
    reading = parse_gmail_message({**raw, "id": "1"}, mailbox=ANA, own=Own(lambda _: False))
    assert (reading.message is None) == (reading.skipped is not None)


@pytest.mark.parametrize(
    ("header", "label", "automated", "sender"),
    [
        (("X-Microsoft-CDO-BusyStatus", "BUSY"), "INBOX", "calendar", "cy@x.com"),
        (("Content-Type", "text/calendar; method=REPLY"), "INBOX", "calendar", "cy@x.com"),
        (("X-AutoReply-From", "cy@x.com"), "INBOX", "auto_reply", "cy@x.com"),
        (("Subject", "Automatic reply: Offer"), "INBOX", "auto_reply", "cy@x.com"),
        (("Feedback-ID", "1:2:3"), "INBOX", None, "cy@x.com"),
        (("From", "Ana <MAILER-DAEMON>"), "SENT", None, ANA),
        (("From", "Ana <MAILER-DAEMON>"), "INBOX", "bounce", ""),
    ],
)
def test_signs_of_programs_count_as_in_files(
    header: tuple[str, str], label: str, automated: str | None, sender: str
) -> None:
    """Headers and labels of Gmail's resources are judged by the same table."""
    pairs = [header] if header[0] == "From" else [("From", "cy@x.com"), header]
    raw = {
        "id": "1",
        "internalDate": "1772445600000",
        "labelIds": [label],
        "payload": {"headers": [{"name": name, "value": value} for name, value in pairs]},
    }
    message = parse_gmail_message(raw, mailbox=ANA, own=Own(lambda _: False)).message
    assert message is not None
    assert (message.automated, message.sender) == (automated, sender)


@pytest.mark.parametrize("value", [None, "", "x", "-99999999999999999", "9" * 30, -1, "7258118400000"])
def test_an_absurd_instant_is_none(value: object) -> None:
    """Gmail's own instant counts only between 1990 and 2100."""
    assert internal_date(value) is None


def test_threads_pay_from_three_messages_on() -> None:
    """A thread costs twice a message, in either profile."""
    for quota in (STANDARD, LEGACY):
        assert [quota.thread_is_cheaper(messages) for messages in (1, 2, 3)] == [False, False, True]


def test_a_comparison_finds_what_differs() -> None:
    """Absent ids are in no listing; relabelled ids are listed under other labels, as far as labels are listed."""
    stored = pl.DataFrame(
        {"provider_id": ["1", "2", "3", "4"], "labels": [["INBOX", "^odd"], ["SENT"], [], ["INBOX"]]}
    )
    present = pl.Series(["1", "2", "3", "9"])
    labels = pl.DataFrame({"provider_id": ["1", "2", "3"], "label": ["INBOX", "INBOX", "SENT"]})
    assert absent_ids(stored, present) == ["4"]
    assert sorted(relabelled_ids(stored, present, labels, listable={"INBOX", "SENT"})) == ["2", "3"]
    empty = {"INBOX", "SENT", "^odd"}
    assert sorted(relabelled_ids(stored, present, labels, listable=empty)) == ["1", "2", "3"]
