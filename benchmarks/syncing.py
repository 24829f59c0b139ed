"""Benchmark of reading mailboxes: ``python -m benchmarks.syncing [--messages 100_000]``.

The test servers run in separate processes. Each reader runs in a fresh process: that of mailsignals, and a bare loop
that sends the same requests with the same client library and stores nothing.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import google.oauth2.credentials
import google_auth_httplib2
import httplib2
import httpx2
from rich.console import Console
from rich.table import Table

from benchmarks.limits import ANA, many_mailboxes, orders, provider, under_quota
from benchmarks.measure import Figures, Measurement, run_apart
from connectors import gmail
from connectors.gmail.access import USUAL, GmailAccess
from connectors.gmail.api import GmailApi
from connectors.gmail.fetch import LARGEST_SIZE
from connectors.microsoft365.parse import HEADERS, SELECTED, SUBJECT
from connectors.transport.limiter import Limiter
from mailsignals import clock
from mailsignals.store import Store
from mailsignals.sync.mailboxes import sync_mailboxes
from tests.scenarios.gmail_tenant import LIFTED
from tests.scenarios.watcher import Silent

ROUNDS = 3
SERVERS = {"gmail": "tests.support.gmail", "graph": "tests.support.graph"}


@contextlib.contextmanager
def serving(kind: str, messages: int) -> Iterator[tuple[str, str]]:
    """Run a server with one big mailbox in a separate process; yield its root and a token."""
    command = [sys.executable, "-m", SERVERS[kind], "--real", "--messages", str(messages)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().split()[-1], server.stdout.readline().split()[-1]
        finally:
            server.kill()


def ours(folder: Path, *, graph: int) -> Figures:
    """Sync the mailbox of the server that a file in the folder names into a new store."""
    root, token = (folder / "server").read_text().split()
    kind = "graph" if graph else "gmail"
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        Store.open(Path(place) / "s", mode="write") as store,
    ):
        tenant = provider(kind, root, token)
        (outcome,) = sync_mailboxes(tenant, store, orders(), Silent())
        tenant.close()
        assert outcome.report is not None
        assert outcome.complete, outcome.error
        return {"messages": outcome.report.added}


def bare_gmail(folder: Path) -> Figures:
    """Send the same requests with the vendor's client and ignore the responses."""
    root, token = (folder / "server").read_text().split()
    credentials = google.oauth2.credentials.Credentials(token)  # type: ignore[no-untyped-call]  # google.auth
    access = GmailAccess(
        mailbox=ANA,
        user_id="me",
        root=root,
        sign_in=gmail.GmailBearerToken(lambda: token),
        credentials=credentials,
        quota=LIFTED,
        limiter=Limiter(LIFTED.user_budgets, pause=time.sleep),
        pause=time.sleep,
        now=clock.now,
        clock=time.monotonic,
        subjects=True,
        timeouts=USUAL,
    )
    api = GmailApi(access)
    http = google_auth_httplib2.AuthorizedHttp(credentials, http=httplib2.Http())
    came, page = 0, None
    while True:
        answer = api.messages(token=page)
        threads: dict[str, list[str]] = {}
        for entry in answer.get("messages", []):
            threads.setdefault(entry["threadId"], []).append(entry["id"])
        requests = []
        for thread, members in threads.items():
            requests += [api.thread(thread)] if len(members) > 2 else [api.get(name) for name in members]
        for start in range(0, len(requests), LARGEST_SIZE):
            batch, found = api.batch(), []
            for request in requests[start : start + LARGEST_SIZE]:
                batch.add(request, callback=lambda _, document, __: found.append(document))  # noqa: B023
            batch.execute(http=http)
            came += sum(len(document.get("messages", [1])) for document in found)
        page = answer.get("nextPageToken")
        if page is None:
            return {"messages": came}


def bare_graph(folder: Path) -> Figures:
    """Send the same requests with the same client and ignore the responses."""
    root, token = (folder / "server").read_text().split()
    headers = {"Authorization": f"Bearer {token}", "Prefer": 'IdType="ImmutableId", odata.maxpagesize=500'}
    select = ",".join([*SELECTED, SUBJECT, HEADERS])
    url = f"{root}v1.0/users/{ANA}/mailFolders/inbox/messages/delta?$select={select}"
    came = 0
    with httpx2.Client(headers=headers) as client:
        while url:
            document = json.loads(client.get(url).content)
            came += len(document["value"])
            url = document.get("@odata.nextLink", "")
    return {"messages": came}


def compared(kind: str, messages: int) -> tuple[list[Measurement], list[Measurement]]:
    """Return the costs of the bare loop and of mailsignals, which run in turn."""
    bare, own = [], []
    with serving(kind, messages) as (root, token), tempfile.TemporaryDirectory() as name:
        (Path(name) / "server").write_text(f"{root} {token}")
        for _ in range(ROUNDS):
            bare.append(run_apart(f"syncing:bare_{kind}", Path(name)))
            own.append(run_apart("syncing:ours", Path(name), graph=int(kind == "graph")))
    return bare, own


def peak_mb(kind: str, messages: int) -> float:
    """Return the peak memory in MB of a sync of a number of messages."""
    with serving(kind, messages) as (root, token), tempfile.TemporaryDirectory() as name:
        (Path(name) / "server").write_text(f"{root} {token}")
        return run_apart("syncing:ours", Path(name), graph=int(kind == "graph")).peak_mb


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.syncing", description="Measure the reading of mailboxes."
    )
    parser.add_argument(
        "--messages",
        type=int,
        default=100_000,
        help="number of messages in the big mailbox (default: %(default)s)",
    )
    chosen = parser.parse_args()
    table = Table("figure", "measured", "target", box=None)
    for kind in SERVERS:
        bare, own = compared(kind, chosen.messages)
        for clocked in ("seconds", "cpu_seconds"):
            ratios = [getattr(a, clocked) / getattr(b, clocked) for a, b in zip(own, bare, strict=True)]
            middle = statistics.median(ratios)
            table.add_row(
                f"{kind}, {chosen.messages:,} messages: {clocked} against a bare loop",
                f"{middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f}); "
                f"{statistics.median(getattr(a, clocked) for a in own):.1f} s",
                "at most 1.5" if clocked == "seconds" else "",
            )
        small, large = peak_mb(kind, 20_000), peak_mb(kind, 200_000)
        table.add_row(
            f"{kind}: peak memory at 200,000 messages against 20,000",
            f"{large / small:.2f} ({small:.0f} and {large:.0f} MB)",
            "at most 1.1",
        )
        table.add_row(
            f"{kind}: requests of 500 mailboxes with 20 new messages each, against the minimum",
            f"{many_mailboxes(kind):.2f}",
            "at most 1.2",
        )
    for profile in ("standard", "legacy"):
        used, refused = under_quota(profile)
        table.add_row(
            f"gmail, {profile} quota: used share of permitted units; share of refused requests",
            f"{100 * used:.1f}%; {100 * refused:.2f}%",
            "at least 90%; under 1%",
        )
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
