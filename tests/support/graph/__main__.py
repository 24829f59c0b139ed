"""Serves a big mailbox until it is stopped: ``python -m tests.support.graph --messages 100000``."""

import argparse
import sys
import threading

from tests.support.graph.server import GraphServer


def main() -> None:
    """Print where it listens and a token, and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mailbox", default="ana@us.test")
    parser.add_argument("--real", action="store_true", help="45 headers a message, 8 kB")
    given = parser.parse_args()
    server = GraphServer(port=given.port, keeps_log=False)
    server.window = 10**9
    server.mailbox(given.mailbox).count = given.messages
    server.mailbox(given.mailbox).is_real = given.real
    with server.running():
        sys.stdout.write(f"{server.root}\n{server.entra.token()}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
