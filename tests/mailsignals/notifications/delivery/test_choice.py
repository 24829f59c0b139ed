"""The sender that a configuration names, at work."""

import contextlib
import json
import threading
from pathlib import Path

import pytest

from mailsignals.config import Settings, load_settings
from mailsignals.credentials import Runtime
from mailsignals.errors import UserError
from mailsignals.notifications.delivery.senders.choice import mail_sender
from tests.mailsignals.notifications.delivery.letters import AT, a_message
from tests.support.gmail import GmailServer
from tests.support.graph.entra import SECRET
from tests.support.graph.sending import SendingGraph
from tests.support.smtp import TOKEN, MailServer

SENDER = "signals@us.test"
SEND = "https://www.googleapis.com/auth/gmail.send"
HEAD = '[company]\nname = "Us"\ndomains = ["us.test"]\n[digest]\nenabled = true\nfrom = "signals@us.test"\n'


def load(folder: Path, text: str) -> Settings:
    """The settings of a configuration that sends."""
    (folder / "config.toml").write_text(HEAD + text, encoding="utf-8")
    return load_settings(folder / "config.toml", environ={})


def send(settings: Settings, **environ: str) -> None:
    """Send one mail as the settings say."""
    around = Runtime(environ=environ, now=lambda: AT, stop=threading.Event(), say=lambda _: None)
    with contextlib.ExitStack() as held:
        mail_sender(settings, around, held).send(a_message())


def microsoft365(server: SendingGraph) -> str:
    """The section of an app with a secret."""
    return (
        f'[microsoft365]\nauth = "secret"\ntenant = "tenant"\nclient_id = "client"\nsecret_env = "APP"\n'
        f'graph_root = "{server.root}v1.0/"\nauthority = "{server.root}"\n'
    )


def test_by_graph_as_the_app_or_by_a_token(tmp_path: Path) -> None:
    """With the sign-in of ``[microsoft365]``; a token that may send has a variable of its own."""
    with SendingGraph().running() as server:
        server.mailbox(SENDER)
        send(load(tmp_path, f'via = "graph"\n{microsoft365(server)}'), APP=SECRET)
        by_token = f'via = "graph"\ntoken_env = "SEND"\n{microsoft365(server)}'.replace('"secret"', '"token"')
        send(load(tmp_path, by_token), SEND=server.entra.token())
        with pytest.raises(UserError, match=r"digest\.token_env: the environment variable SEND"):
            send(load(tmp_path, by_token))
    assert [sender for sender, _ in server.sent] == [SENDER, SENDER]


def test_by_gmail_as_the_service_account_or_by_a_token(tmp_path: Path) -> None:
    """With the sign-in of ``[gmail]``, for the one scope."""
    with GmailServer().running() as server:
        server.mailbox(SENDER)
        (tmp_path / "key.json").write_text(
            json.dumps(server.issuer.service_account(server.root, scopes=[SEND]))
        )
        send(load(tmp_path, f'via = "gmail"\n[gmail]\nkey_file = "key.json"\napi_root = "{server.root}"\n'))
        by_token = f'via = "gmail"\ntoken_env = "SEND"\n[gmail]\nauth = "token"\napi_root = "{server.root}"\n'
        send(load(tmp_path, by_token), SEND=server.issuer.token(SENDER, scopes=[SEND]))
    assert [sender for sender, _ in server.sent] == [SENDER, SENDER]


def test_by_a_mail_server_with_a_token(tmp_path: Path) -> None:
    """From a variable, or from the app of ``[microsoft365]``, which asks for one for Exchange's mail servers."""
    with MailServer(wants_sign_in=True).running() as mails, SendingGraph().running() as server:
        smtp = (
            f'[digest.smtp]\nhost = "127.0.0.1"\nport = {mails.port}\nsecurity = "none"\n'
            f'auth = "xoauth2"\nuser = "{SENDER}"\n'
        )
        send(load(tmp_path, f'{smtp}token_env = "SMTP"\n'), SMTP=TOKEN)
        assert len(mails.taken) == 1
        mails.token = ""
        send(load(tmp_path, f"{smtp}{microsoft365(server)}"), APP=SECRET)
    assert len(mails.taken) == 2
    assert b"outlook.office365.com" in server.log[-1].body


def test_into_a_folder(tmp_path: Path) -> None:
    """Seen from the folder of the configuration."""
    send(load(tmp_path, 'via = "folder"\nfolder = "out"\n'))
    assert len(list((tmp_path / "out").glob("*.eml"))) == 1
