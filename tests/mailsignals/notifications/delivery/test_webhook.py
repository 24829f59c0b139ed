"""A channel of Slack or Teams, as a server on this machine."""

import datetime as dt
import json
import logging
from collections.abc import Iterator

import pytest

from connectors.transport.http import Client, Limits
from mailsignals.notifications.delivery.senders.base import LaterError, RefusedError, SendError, UnsureError
from mailsignals.notifications.delivery.senders.webhook import SLACK_LENGTH, Kind, Note, Webhook, payload
from tests.mailsignals.notifications.delivery.letters import AT
from tests.support.loopback import Answer, Fault, Loopback, Request
from tests.support.waiting import PATIENCE_SECONDS

SECRET = "services/T000/B000/not-to-be-seen"  # a test's
NOTE = Note("3 accounts at risk", "ana@us.test: <!channel> & *friends*")


class Channel(Loopback):
    """Takes notes."""

    def route(self, request: Request) -> Answer:
        """Slack says ``ok``, and so does Teams in its own way."""
        del request
        return Answer(body=b"ok")


@pytest.fixture
def channel() -> Iterator[Channel]:
    """A server that is listening."""
    with Channel().running() as server:
        yield server


def post(channel: Channel, *, kind: Kind = "slack", patience: float = PATIENCE_SECONDS) -> None:
    """Post a note, and wait so many seconds for the answer."""
    client = Client(
        limits=Limits(connect_seconds=PATIENCE_SECONDS, read_seconds=patience, total_seconds=PATIENCE_SECONDS)
    )
    try:
        Webhook(kind=kind, url=f"{channel.root}{SECRET}", client=client, now=lambda: AT).send(NOTE)
    finally:
        client.close()


def test_slack_gets_plain_text(channel: Channel) -> None:
    """Nothing in it is a mention, a link or markup."""
    post(channel)
    (request,) = channel.log
    assert request.path == f"/{SECRET}"
    assert json.loads(request.body) == {
        "text": "3 accounts at risk",
        "blocks": [
            {
                "type": "section",
                "text": {"type": "plain_text", "text": f"{NOTE.title}\n{NOTE.text}", "emoji": False},
            }
        ],
    }
    assert payload("slack", title="<!channel> & co", text="")["text"] == "&lt;!channel&gt; &amp; co"
    assert len(json.dumps(payload("slack", title="t", text="x" * 10_000))) < SLACK_LENGTH + 300


def test_teams_gets_a_card(channel: Channel) -> None:
    """Each line is a paragraph without markup."""
    post(channel, kind="teams")
    (attachment,) = json.loads(channel.log[0].body)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [paragraph["inlines"] for paragraph in attachment["content"]["body"]] == [
        [{"type": "TextRun", "text": NOTE.title, "weight": "Bolder"}],
        [{"type": "TextRun", "text": NOTE.text}],
    ]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=429, headers={"Retry-After": "7200"}), LaterError),
        (Answer(status=404, body=b"no_service"), RefusedError),
        (Answer(status=403), RefusedError),
        (Answer(status=500), UnsureError),
        (Answer(reset=True), UnsureError),
        pytest.param(Answer(wait=PATIENCE_SECONDS), UnsureError, marks=pytest.mark.slow),
    ],
)
def test_what_the_channel_says_decides_what_follows(
    channel: Channel, answer: Answer, kind: type[SendError], caplog: pytest.LogCaptureFixture
) -> None:
    """And the address, which is a secret, stands in no message and no log."""
    caplog.set_level(logging.DEBUG)
    channel.faults.append(Fault(matches=lambda _: True, answer=answer))
    with pytest.raises(SendError) as raised:
        post(channel, patience=2.0 if answer.wait else PATIENCE_SECONDS)
    assert type(raised.value) is kind
    assert SECRET not in str(raised.value)
    assert SECRET not in caplog.text
    if isinstance(raised.value, LaterError):
        assert raised.value.after == dt.timedelta(hours=2)


def test_a_channel_that_is_not_there_got_nothing() -> None:
    """Then it may be tried again."""
    with Channel().running() as channel:
        pass
    with pytest.raises(LaterError):
        post(channel)
