"""How much of what is permitted a sync uses, and how many requests it takes."""

import dataclasses
import tempfile
import threading
import time
from pathlib import Path

from connectors import gmail, microsoft365
from connectors.mail import Own
from connectors.provider import Provider
from mailsignals import clock
from mailsignals.store import Store
from mailsignals.sync.mailboxes import SyncOptions, sync_mailboxes
from tests.scenarios.gmail_tenant import LIFTED
from tests.scenarios.watcher import Silent
from tests.support.gmail.clock import ManualClock
from tests.support.gmail.quota import CURRENT, Quota
from tests.support.gmail.quota import LEGACY as LEGACY_PROFILE
from tests.support.gmail.server import GmailServer
from tests.support.graph.server import GraphServer

ANA = "ana@us.test"
UNHURRIED = 10**9
MESSAGES = 30_000
"""In the mailbox that is read under a quota: more than an hour's, or ten minutes', by the profile."""


def provider(kind: str, root: str, token: str, **options: object) -> Provider:
    """One of the two providers by a token, hurried by no limit of its own."""
    usual = {
        "group": None,
        "horizon": None,
        "own": Own(lambda address: address.endswith("@us.test")),
        "subjects": True,
    }
    if kind == "gmail":
        how = {
            "api_root": root,
            "directory_root": root,
            "quota": LIFTED,
            "mailboxes": (ANA,),
            **usual,
            **options,
        }
        return gmail.Gmail(
            gmail.GmailOptions(**how),  # type: ignore[arg-type]  # a benchmark's words
            gmail.GmailBearerToken(lambda: token),
            now=clock.now,
            pause=time.sleep,
        )
    places = {"graph_root": root, "authority": root, "tenant": "t", "client_id": "c", "mailboxes": (ANA,)}
    how = {**places, "requests_per_10_minutes": UNHURRIED, **usual, **options}
    return microsoft365.Microsoft365(
        microsoft365.Microsoft365Options(**how),  # type: ignore[arg-type]  # a benchmark's words
        microsoft365.GraphBearerToken(lambda: token),
        now=clock.now,
        pause=time.sleep,
    )


def orders() -> SyncOptions:
    """A run that nothing stops."""
    return SyncOptions(message_filter=lambda rows: rows, now=clock.now, stop=threading.Event())


def under_quota(profile_name: str) -> tuple[float, float]:
    """The share of the permitted units that is used, and of answers that are refusals, on a clock that stands still.

    The server counts in any 60 seconds; what may be used at once, at the start, counts as permitted.
    """
    quota, profile = {
        "standard": (gmail.STANDARD, CURRENT),
        "legacy": (gmail.LEGACY, LEGACY_PROFILE),
    }[profile_name]
    time_ = ManualClock()
    with (
        GmailServer(now=time_.now, keeps_log=False).running() as server,
        tempfile.TemporaryDirectory() as name,
        Store.open(Path(name) / "s", mode="write") as store,
    ):
        server.issuer.lifetime *= 1_000
        server.mailbox(ANA).fill(MESSAGES)
        server.quota = Quota(profile, now=time_.now, window="sliding")
        options = gmail.GmailOptions(
            mailboxes=(ANA,),
            group=None,
            api_root=server.root,
            directory_root=server.root,
            quota=quota,
            horizon=None,
            own=Own(lambda _: False),
            subjects=True,
        )
        token = server.issuer.token(ANA)
        tenant = gmail.Gmail(
            options,
            gmail.GmailBearerToken(lambda: token),
            now=time_.now,
            pause=time_.pause,
            clock=time_.monotonic,
        )
        sync_mailboxes(tenant, store, dataclasses.replace(orders(), now=time_.now), Silent())
        permitted = quota.units_per_user_minute * (1 + time_.elapsed / 60)
        answers = server.counts.requests.total()
        return server.counts.units.total() / permitted, server.counts.throttled.total() / answers


def many_mailboxes(kind: str, *, mailboxes: int = 500, new: int = 20) -> float:
    """Requests of an incremental sync, as a multiple of the least that the protocol needs."""
    names = tuple(f"p{number}@us.test" for number in range(mailboxes))
    server: GmailServer | GraphServer = (
        GmailServer(keeps_log=False) if kind == "gmail" else GraphServer(keeps_log=False)
    )
    with (
        server.running(),
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder) / "s", mode="write") as store,
    ):
        for name in names:
            server.mailbox(name)
        tenant = _many(kind, server, names)
        sync_mailboxes(tenant, store, orders(), Silent())
        for name in names:
            for _ in range(new):
                box = server.mailbox(name)
                box.deliver() if hasattr(box, "deliver") else box.put()
        before = _asked(server)
        outcomes = sync_mailboxes(tenant, store, orders(), Silent())
        tenant.close()
        assert all(
            outcome.complete and outcome.report and outcome.report.added == new for outcome in outcomes
        )
        # Gmail: the history, and each message. Graph: one round for each of the folders with mail, and the tree.
        least = mailboxes * (1 + new) if kind == "gmail" else mailboxes * (4 + 1)
        return (_asked(server) - before) / least


def _many(kind: str, server: GmailServer | GraphServer, names: tuple[str, ...]) -> Provider:
    if isinstance(server, GraphServer):
        return provider(kind, server.root, server.entra.token(), mailboxes=names)
    options = gmail.GmailOptions(
        mailboxes=names,
        group=None,
        api_root=server.root,
        directory_root=server.root,
        quota=LIFTED,
        horizon=None,
        own=Own(lambda _: False),
        subjects=True,
    )
    key = server.issuer.service_account(server.root)
    return gmail.Gmail(options, gmail.ServiceAccount(key=key), now=clock.now, pause=time.sleep)


def _asked(server: GmailServer | GraphServer) -> int:
    return server.requests.total() if isinstance(server, GraphServer) else server.counts.requests.total()
