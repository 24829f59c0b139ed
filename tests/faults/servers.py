"""Servers of mail on this machine, in a process of their own, so that the process with the faults has one thread."""

import contextlib
import dataclasses
import datetime as dt
import json
import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MAILBOXES = ("ana@us.test", "bo@us.test")
MESSAGES = 60
"""The number of messages of each mailbox."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Servers:
    """The addresses of the servers, and the file in which the mail server notes what it took."""

    smtp_port: int = 9
    gmail_root: str = "http://127.0.0.1:9"
    graph_root: str = "http://127.0.0.1:9"
    gmail_token: str = ""
    graph_token: str = ""
    log: Path = Path(os.devnull)

    def delivered(self) -> Counter[str]:
        """Return how often each email was taken, by recipient and id."""
        return Counter(self.log.read_text(encoding="utf-8").splitlines())

    def forget(self) -> None:
        """Start the count anew."""
        self.log.write_text("", encoding="utf-8")


@contextlib.contextmanager
def running_servers(folder: Path, now: dt.datetime) -> Iterator[Servers]:
    """Start the servers with a clock that stands still, and stop them at the end."""
    log = folder / "delivered.txt"
    log.write_text("", encoding="utf-8")
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:  # pragma: no cover  # a process of its own
        here.close()
        with contextlib.suppress(BaseException):
            _serve(there, log, now)
        os._exit(1)
    there.close()
    with here, here.makefile() as told:
        try:
            yield Servers(log=log, **json.loads(told.readline()))
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _serve(there: socket.socket, log: Path, now: dt.datetime) -> None:
    from tests.support.gmail.server import GmailServer  # noqa: PLC0415  # in the process of the servers alone
    from tests.support.graph.server import GraphServer  # noqa: PLC0415
    from tests.support.smtp import MailServer  # noqa: PLC0415

    class Noting(MailServer):
        """Notes each email before it answers, as a mail server that accepts it must."""

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            """Take an email."""
            words = next(
                line for line in envelope.content.splitlines() if line.lower().startswith(b"message-id:")
            )
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{','.join(envelope.rcpt_tos)} {words.decode()}\n")
            return await super().handle_DATA(server, session, envelope)

    smtp = Noting()
    gmail, graph = (
        GmailServer(now=lambda: now, keeps_log=False),
        GraphServer(now=lambda: now, keeps_log=False),
    )
    graph.window = 10**9
    for address in MAILBOXES:
        gmail.mailbox(address).fill(MESSAGES)
        graph.mailbox(address).count = MESSAGES
    with smtp.running(), gmail.running(), graph.running():
        told = {
            "smtp_port": smtp.port,
            "gmail_root": gmail.root,
            "graph_root": graph.root,
            "gmail_token": gmail.issuer.token(MAILBOXES[0]),
            "graph_token": graph.entra.token(),
        }
        there.sendall(f"{json.dumps(told)}\n".encode())
        signal.pause()
