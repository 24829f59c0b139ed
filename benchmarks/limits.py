"""Use of API quotas by a sync, and its number of requests."""

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
"""Number of messages in the mailbox that is read under a quota: over an hour of it, or over ten minutes, by profile."""


def provider(kind: str, root: str, token: str, **options: object) -> Provider:
    """Return one of the two providers with a token, without limits of its own."""
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
    """Return the options of an uninterrupted sync."""
    return SyncOptions(message_filter=lambda rows: rows, now=clock.now, stop=threading.Event())


def under_quota(profile_name: str) -> tuple[float, float]:
    """Return the used share of permitted units and the share of refused requests (0 to 1), on a simulated clock.

    The server counts units in any 60 seconds. The initial burst counts as permitted.
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
    """Return the requests of an incremental sync as a multiple of the minimum of the protocol."""
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
        # Gmail needs the history and each message; Graph needs the folder tree and one request per folder with mail.
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
