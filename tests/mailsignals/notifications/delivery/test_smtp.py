"""A mail server that speaks the real protocol, and whatever it may do."""

import dataclasses
import logging
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from mailsignals.notifications.delivery.senders.base import LaterError, RefusedError, SendError, UnsureError
from mailsignals.notifications.delivery.senders.smtp import Password, Smtp, SmtpServer, Xoauth2
from tests.mailsignals.notifications.delivery.letters import ANA, PNG, a_message
from tests.support.smtp import PASSWORD, TOKEN, MailServer
from tests.support.waiting import PATIENCE_SECONDS

AUTHORITY = trustme.CA()
PLAIN = SmtpServer(
    host="127.0.0.1",
    port=0,
    security="none",
    sign_in=None,
    command_seconds=PATIENCE_SECONDS,
    accept_seconds=PATIENCE_SECONDS,
)

TOO_BIG_FOR_BUFFERS = bytes(16_000_000)
"""Else the system takes all of it, whatever becomes of the connection."""


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    """The certificate of the authority."""
    file = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(file))
    return str(file)


def a_certificate(name: str = "127.0.0.1") -> ssl.SSLContext:
    """What a server proves its name with."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


def send(
    mails: MailServer, *, recipient: str = ANA, text: str = "Plain.\n", picture: bytes = PNG, **how: Any
) -> None:
    """Send one mail to the server."""
    server = dataclasses.replace(PLAIN, port=mails.port, **how)
    Smtp(server).send(a_message(recipient, text=text, picture=picture))


def trouble(mails: MailServer, **how: Any) -> SendError:
    """What is raised when one mail is sent to the server."""
    with pytest.raises(SendError) as raised:
        send(mails, **how)
    return raised.value


def test_a_mail_arrives_as_it_was() -> None:
    """Byte for byte, also where lines begin with dots, and for the recipient that it names."""
    text = ".\n..two\n.hidden\n" + "long " * 1_000 + "\n"
    with MailServer().running() as mails:
        send(mails, text=text)
    assert mails.taken == [a_message(text=text).as_bytes()]
    assert mails.envelopes == [("signals@us.test", [ANA])]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_connection_is_encrypted(security: str, ca_file: str) -> None:
    """After STARTTLS or from the start, once the server has proved its name; the sign-in comes after that."""
    context: dict[str, Any] = {security: a_certificate()}
    with MailServer(wants_sign_in=True, **context).running() as mails:
        by_password = Password(user="signals", password=PASSWORD)
        send(mails, security=security, ca_file=ca_file, sign_in=by_password)
    assert len(mails.taken) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("known", [True, False])
def test_a_server_that_cannot_prove_its_name_gets_nothing(security: str, known: bool, ca_file: str) -> None:
    """A certificate of nobody whom we know, or for another name."""
    context: dict[str, Any] = {security: a_certificate("other.test" if known else "127.0.0.1")}
    with MailServer(**context).running() as mails:
        found = trouble(mails, security=security, ca_file=ca_file if known else None)
    assert isinstance(found, RefusedError)
    assert found.everywhere
    assert "certificate" in str(found)
    assert mails.taken == []


def test_nothing_is_sent_unencrypted_to_a_server_without_starttls() -> None:
    """Neither the mail nor the password."""
    with MailServer().running() as mails:
        found = trouble(mails, security="starttls", sign_in=Password(user="signals", password=PASSWORD))
    assert isinstance(found, RefusedError)
    assert "STARTTLS" in str(found)
    assert mails.taken == []


def test_a_token_signs_in_and_a_wrong_one_is_refused() -> None:
    """XOAUTH2, whose refusal comes as a challenge."""
    with MailServer(wants_sign_in=True).running() as mails:
        send(mails, sign_in=Xoauth2(user="signals@us.test", token=lambda: TOKEN))
        found = trouble(mails, sign_in=Xoauth2(user="signals@us.test", token=lambda: "wrong-token"))
    assert len(mails.taken) == 1
    assert isinstance(found, RefusedError)
    assert found.sign_in
    assert "wrong-token" not in str(found)


@pytest.mark.parametrize("password", ["wrong-password", "pässword"])
def test_a_wrong_password_refuses_everybody(password: str, caplog: pytest.LogCaptureFixture) -> None:
    """It says what to compare, and neither it nor the log holds the password."""
    caplog.set_level(logging.DEBUG)
    by_password = Password(user="signals", password=password)
    with MailServer(wants_sign_in=True).running() as mails:
        found = trouble(mails, sign_in=by_password)
    assert isinstance(found, RefusedError)
    assert found.everywhere
    assert found.sign_in
    for text in (str(found), repr(by_password)):
        assert password not in text
    assert password not in "".join(
        record.getMessage() for record in caplog.records if "smtp" not in record.name
    )


def test_a_recipient_may_be_refused_or_put_off() -> None:
    """Only this one: 5xx for good, 4xx for a while."""
    with MailServer().running() as mails:
        mails.replies = {ANA: "550 5.1.1 no such user", "bo@us.test": "451 4.7.1 greylisted"}
        refused, later = trouble(mails), trouble(mails, recipient="bo@us.test")
        send(mails, recipient="cy@us.test")
    assert isinstance(refused, RefusedError)
    assert isinstance(later, LaterError)
    assert "550 5.1.1 no such user" in str(refused)
    assert not refused.everywhere
    assert not later.everywhere
    assert len(mails.taken) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [("554 5.7.1 looks like spam", RefusedError), ("452 4.3.1 disk full", LaterError)],
)
def test_a_whole_mail_may_be_refused(reply: str, kind: type[SendError]) -> None:
    """A reply after the final dot is an answer: nothing is uncertain."""
    with MailServer().running() as mails:
        mails.content_reply = reply
        assert isinstance(trouble(mails), kind)


def breaks_before(mails: MailServer) -> None:
    """The connection ends in the middle of the mail."""
    mails.drops = "before"


def breaks_after(mails: MailServer) -> None:
    """The connection ends when the server has the whole mail."""
    mails.drops = "after"


def takes_long_over_the_recipient(mails: MailServer) -> None:
    """The answer to RCPT comes too late."""
    mails.slow = {"RCPT": PATIENCE_SECONDS}


def takes_long_over_the_mail(mails: MailServer) -> None:
    """The answer to the final dot comes too late."""
    mails.slow = {"DATA": PATIENCE_SECONDS}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "patience", "kind", "taken"),
    [
        (breaks_before, {}, LaterError, 0),
        (takes_long_over_the_recipient, {"command_seconds": 0.5}, LaterError, 0),
        (breaks_after, {}, UnsureError, 1),
        (takes_long_over_the_mail, {"accept_seconds": 0.5}, UnsureError, None),
    ],
)
def test_it_is_uncertain_from_the_final_dot_on(
    fault: Callable[[MailServer], None],
    patience: dict[str, float],
    kind: type[SendError],
    taken: int | None,
) -> None:
    """Before it nothing was sent, and the same may be tried again; after it the server may have the mail."""
    with MailServer().running() as mails:
        fault(mails)
        found = trouble(mails, picture=TOO_BIG_FOR_BUFFERS if mails.drops == "before" else PNG, **patience)
        assert type(found) is kind, found
        assert taken is None or len(mails.taken) == taken


def test_a_server_that_is_not_there_is_out_of_reach() -> None:
    """For everybody, and for a while."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(LaterError) as raised:
        Smtp(dataclasses.replace(PLAIN, port=port)).send(a_message())
    assert raised.value.everywhere


def test_addresses_beyond_ascii_need_a_server_that_takes_them() -> None:
    """RFC 6531 where it is offered, a sentence where not."""
    with MailServer(utf8=True).running() as mails:
        send(mails, recipient="jörg@us.test")
        assert mails.envelopes == [("signals@us.test", ["jörg@us.test"])]
    with MailServer(utf8=False).running() as mails:
        assert isinstance(trouble(mails, recipient="jörg@us.test"), RefusedError)
