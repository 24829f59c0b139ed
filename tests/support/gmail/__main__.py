"""Serves big mailboxes until it is killed: ``python -m tests.support.gmail --messages 100000``.

Prints its root URL, a bearer token for the first mailbox, and that mailbox's address, a line each.

GET  /test/counts              what it was asked for since it started, as JSON
POST /test/deliver?messages=N  so many new messages arrive in every mailbox
"""

import argparse
import datetime as dt
import json
import sys
from pathlib import Path

from tests.support.gmail import CURRENT, LEGACY, MOVING, GmailServer, Quota
from tests.support.loopback import Answer, Request

PROFILES = {"current": CURRENT, "legacy": LEGACY, "moving": MOVING}


class _Served(GmailServer):
    def route(self, request: Request) -> Answer:
        """As usual, with what a benchmark wants to know and do."""
        if request.path == "/test/counts":
            with self.lock:
                return Answer.of({**vars(self.counts), "violations": len(self.violations)})
        if request.path == "/test/deliver":
            for mailbox in self.mailboxes.values():
                for _ in range(int(request.one("messages", "1"))):
                    mailbox.deliver()
            return Answer.of({})
        return super().route(request)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.support.gmail")
    parser.add_argument("--messages", type=int, default=100_000, help="in every mailbox")
    parser.add_argument("--mailboxes", type=int, default=1)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--quota", choices=PROFILES, help="enforce a quota profile; default: none")
    parser.add_argument("--window", choices=["fixed", "sliding"], default="fixed")
    parser.add_argument("--concurrent", type=int, help="requests of one user at once")
    parser.add_argument("--real", action="store_true", help="45 headers a message, 8 kB")
    parser.add_argument("--key-file", type=Path, help="write a service account's key file there")
    return parser.parse_args()


def main() -> None:
    """Serve."""
    chosen = _arguments()
    server = _Served(port=chosen.port, keeps_log=False)
    if chosen.quota:
        server.quota = Quota(PROFILES[chosen.quota], now=server.now, window=chosen.window)
    server.concurrent = chosen.concurrent
    server.issuer.lifetime = dt.timedelta(days=30)
    for number in range(chosen.mailboxes):
        server.mailbox(f"user{number}@us.test").fill(chosen.messages, is_real=chosen.real)
    if chosen.key_file:
        chosen.key_file.write_text(json.dumps(server.issuer.service_account(server.root)))
    with server.running():
        lines = (server.root, server.issuer.token("user0@us.test"), "user0@us.test")
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
        server.stopped.wait()


if __name__ == "__main__":
    main()
