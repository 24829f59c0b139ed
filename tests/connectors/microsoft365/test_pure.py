import base64
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Cursor
from connectors.mail import Own
from connectors.microsoft365.api import graph_root
from connectors.microsoft365.auth import claimed_scopes
from connectors.microsoft365.cursor import FolderPlace, GraphBookmark, read_graph_bookmark
from connectors.microsoft365.errors import GraphErrorKind, judge_graph_error
from connectors.microsoft365.folders import MailFolder, reason_left_out, to_walk
from connectors.microsoft365.parse import MAX_PARENTS, parent_ids, parse_graph_message, read_date
from connectors.microsoft365.sign_in_errors import graph_sign_in_error

ANA = "ana@us.test"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
FIELDS = (
    "from",
    "sender",
    "toRecipients",
    "conversationIndex",
    "subject",
    "receivedDateTime",
    "internetMessageHeaders",
    "isDraft",
    "@odata.type",
)


def test_a_bookmark_survives() -> None:
    """A bookmark comes back as it was, links of any length among it; under another shape it is none."""
    at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    mark = GraphBookmark(
        places={"F1": FolderPlace(link="https://x/" + "y" * 9_000, done=True, seen=7)},
        well_known={"F1": "inbox"},
        left_out=("F2",),
        headers=False,
        horizon=at,
    )
    assert read_graph_bookmark(mark.cursor("a"), shape="a") == mark
    assert read_graph_bookmark(mark.cursor("a"), shape="b") is None


@given(st.text() | ANYTHING.map(json.dumps))
def test_what_is_no_bookmark_means_starting_over(text: str) -> None:
    """Whatever a text is, it is a bookmark of ours or none, and never an error."""
    assert read_graph_bookmark(Cursor(text), shape="a") is None


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_no_message_is_too_odd(raw: dict[str, Any]) -> None:
    """A resource of any shape gives a message or a reason."""
    reading = parse_graph_message({**raw, "id": "1"}, mailbox=ANA, folder="inbox", own=Own(lambda _: False))
    assert (reading.message is None) == (reading.skipped is not None)


@given(st.binary(max_size=400))
def test_parents_are_prefixes(index: bytes) -> None:
    """A message names each message above it, as every other reply to that one does; a first one names none."""
    parents = parent_ids(base64.b64encode(index).decode())
    assert len(parents) <= MAX_PARENTS
    assert all(index.hex().startswith(parent.partition("@")[0]) for parent in parents)
    assert bool(parents) == (len(index) > 22)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-03-02T10:00:00Z", 0),
        ("2026-03-02T10:00:00.1234567Z", 123_456),
        ("2026-03-02T11:00:00.5+01:00", 500_000),
        ("2026-03-02T10:00:00", 0),
    ],
)
def test_dates_are_read(text: str, micros: int) -> None:
    """With any number of decimals, and any offset."""
    assert read_date(text) == dt.datetime(2026, 3, 2, 10, 0, 0, micros, dt.UTC)


@given(ANYTHING)
def test_what_is_no_date_is_none(value: object) -> None:
    """Anything else is no instant, and the year one is none either."""
    assert read_date(value) is None
    assert read_date("0001-01-01T00:00:00Z") is None


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (410, "", GraphErrorKind.STALE),
        (404, "SyncStateNotFound", GraphErrorKind.STALE),
        (400, "syncstateinvalid", GraphErrorKind.STALE),
        (404, "ErrorItemNotFound", GraphErrorKind.MISSING),
        (404, "MailboxNotEnabledForRESTAPI", GraphErrorKind.FATAL),
        (403, "ErrorAccessDenied", GraphErrorKind.FATAL),
        (401, "InvalidAuthenticationToken", GraphErrorKind.EXPIRED),
        (429, "ApplicationThrottled", GraphErrorKind.THROTTLED),
        (500, "ErrorCorruptData", GraphErrorKind.CORRUPT),
        (500, "ErrorInternalServerTransientError", GraphErrorKind.RETRY),
        (503, "", GraphErrorKind.RETRY),
        (400, "BadRequest", GraphErrorKind.REFUSED),
    ],
)
def test_a_refusal_is_understood(status: int, code: str, kind: GraphErrorKind) -> None:
    """Status and code together say what to do."""
    body = json.dumps({"error": {"code": code, "message": "m"}}).encode()
    assert judge_graph_error(status, body, mailbox=ANA).kind is kind


@given(st.integers(300, 599), st.binary())
def test_no_refusal_is_too_odd(status: int, body: bytes) -> None:
    """Whatever a server says, it means something."""
    assert judge_graph_error(status, body, mailbox=ANA).kind in GraphErrorKind


@given(st.dictionaries(st.sampled_from(["error", "error_description"]), st.text()))
def test_no_refused_sign_in_is_too_odd(answer: dict[str, str]) -> None:
    """Whatever the token endpoint says, there is a problem and a remedy."""
    error = graph_sign_in_error(answer, whose="tenant")
    assert error.problem
    assert error.remedy


@given(st.text())
def test_claims_of_anything_can_be_looked_at(token: str) -> None:
    """A text that is no token claims nothing."""
    assert claimed_scopes(token) == ()


def test_scopes_are_read_from_roles_and_scp() -> None:
    """An app has roles, a person scopes."""
    payload = base64.urlsafe_b64encode(b'{"roles": ["A"], "scp": "B C"}').decode().rstrip("=")
    assert claimed_scopes(f"x.{payload}.y") == ("A", "B", "C")


@pytest.mark.parametrize("root", ["https://graph.microsoft.com", "https://graph.microsoft.com/v1.0/"])
def test_graph_has_a_version(root: str) -> None:
    """With or without a version the root is the same."""
    assert graph_root(root) == "https://graph.microsoft.com/v1.0/"


def test_what_lies_below_junk_is_junk() -> None:
    """A folder is left out with all that is below it, and a tree that goes round does no harm."""
    tree = {
        "J": MailFolder("J", "root", 0, is_search=False),
        "K": MailFolder("K", "J", 0, is_search=False),
        "I": MailFolder("I", "root", 0, is_search=False),
        "R": MailFolder("R", "Q", 0, is_search=False),
        "Q": MailFolder("Q", "R", 0, is_search=False),
        "S": MailFolder("S", "root", 0, is_search=True),
    }
    names = {"J": "junkemail", "I": "inbox"}
    assert reason_left_out("K", tree, names) == "spam"
    assert to_walk(tree, names) == ["I", "R", "Q"]
