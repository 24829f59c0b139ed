"""What the Gmail test server notices, what ``fields`` selects, and the server in a process of its own."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.gmail import GmailServer
from tests.support.gmail.fields import Mask, parse_fields, paths, select
from tests.support.gmail.vendor import FIELDS
from tests.support.loopback import Request

ANA = "ana@us.test"


def noticed(query: str, *, method: str = "GET", kind: str = "messages") -> list[str]:
    """What is wrong with this request for a message."""
    server = GmailServer(allowed_headers=frozenset({"from", "date"}))
    message_id = server.mailbox(ANA).deliver()
    target = f"/gmail/v1/users/me/{kind}/{message_id}?{query}"
    server.route(Request.of(method, target, {"Authorization": f"Bearer {server.issuer.token(ANA)}"}))
    server._server.server_close()
    return [violation.what for violation in server.violations]


GOOD = f"format=metadata&metadataHeaders=From&metadataHeaders=DATE&fields={FIELDS}"


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("", "format full"),
        ("format=raw", "format raw"),
        (f"format=metadata&fields={FIELDS}", "all headers"),
        (GOOD.replace("From", "X-Secret"), "headers x-secret"),
        ("format=metadata&metadataHeaders=From", "fields partId"),
        (GOOD + "&access_token=x", "a token in the URL"),
    ],
)
def test_requests_for_more_than_metadata_are_noticed(query: str, what: str) -> None:
    """Bodies, all headers, headers that are not allowed, fields nobody needs, and tokens in URLs."""
    assert noticed(query) == [what]


def test_requests_for_metadata_are_fine() -> None:
    """Allowed headers in any case and the fields that are needed are no violation, of a thread neither."""
    assert noticed(GOOD) == []
    assert noticed(GOOD.replace(FIELDS, f"id,historyId,messages({FIELDS})"), kind="threads") == []
    assert noticed("format=minimal&fields=id,labelIds") == []


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
def test_writing_is_noticed(method: str) -> None:
    """A reader never changes anything."""
    assert noticed(GOOD, method=method)[0].startswith(f"{method} /gmail/v1/users/me/messages/")


DOCUMENT = {"id": "1", "payload": {"headers": [{"name": "a", "value": "b"}], "partId": ""}, "labels": ["x"]}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("id", {"id": "1"}),
        ("payload/partId", {"payload": {"partId": ""}}),
        ("payload(headers/name,partId)", {"payload": {"headers": [{"name": "a"}], "partId": ""}}),
        (
            "id,payload/headers/value,payload/partId",
            {"id": "1", "payload": {"headers": [{"value": "b"}], "partId": ""}},
        ),
        ("payload,payload/partId", {"payload": DOCUMENT["payload"]}),
        ("*", DOCUMENT),
        ("*/partId", {"id": "1", "payload": {"partId": ""}, "labels": ["x"]}),
    ],
)
def test_fields_select(text: str, left: object) -> None:
    """Names, paths with slashes, groups in parentheses, and the star."""
    assert select(DOCUMENT, parse_fields(text)) == left


@pytest.mark.parametrize("text", ["", ",", "a,", "a(", "a()", "a)", "/a", "a//b", "(a)", "a b(c"])
def test_what_is_no_selection(text: str) -> None:
    """Whatever cannot be read is refused."""
    with pytest.raises(ValueError, match=r".*"):
        parse_fields(text)


MASKS: st.SearchStrategy[Mask] = st.recursive(
    st.just({}), lambda below: st.dictionaries(st.sampled_from("abcd"), below, min_size=1), max_leaves=8
).filter(bool)


@pytest.mark.slow
@given(MASKS)
def test_paths_say_the_same_as_the_mask(mask: Mask) -> None:
    """A mask written as its paths, and read again, is the same mask."""
    assert parse_fields(",".join(paths(mask))) == mask


@pytest.mark.subprocess
def test_it_serves_in_a_process_of_its_own(tmp_path: Path) -> None:
    """It prints its root and a token, counts what it is asked for, and lets mail arrive."""
    key_file = tmp_path / "key.json"
    command = [
        sys.executable,
        "-m",
        "tests.support.gmail",
        "--messages",
        "1000000",
        "--key-file",
        str(key_file),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            root, token, address = (process.stdout.readline().strip() for _ in range(3))

            def ask(path: str, method: str = "GET") -> dict[str, object]:
                headers = {"Authorization": f"Bearer {token}"}
                request = urllib.request.Request(f"{root}{path}", headers=headers, method=method)
                with urllib.request.urlopen(request) as answer:
                    return dict(json.load(answer))

            ask("test/deliver?messages=7", "POST")
            profile = ask("gmail/v1/users/me/profile")
            counts = ask("test/counts")
        finally:
            process.terminate()
    assert (profile["emailAddress"], profile["messagesTotal"]) == (address, 1_000_007)
    assert (counts["requests"], counts["violations"]) == ({"users.getProfile": 1}, 0)
    assert json.loads(key_file.read_text())["token_uri"] == f"{root}token"
