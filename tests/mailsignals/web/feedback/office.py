"""A company whose dashboard may be spoken to, and what a CSM sends it."""

import contextlib
import dataclasses
import datetime as dt
import html
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import httpx2
import polars as pl
from starlette.testclient import TestClient

from mailsignals.config import load_settings
from mailsignals.notifications.digest.card import Card
from mailsignals.readmodel.editions import EditionStore
from mailsignals.usecases.digests import pages_by_zone
from mailsignals.web.app import application
from mailsignals.web.site import Site
from mailsignals.workspace import Workspace
from tests.mailsignals.web.conftest import NOW

OUTSIDE = "https://dash.test"
A_DAY = dt.timedelta(days=1)

BESIDES = ('INSERT INTO "audit"', "INSERT INTO \"table_digest\" VALUES('audit'")
"""Rows about who looked."""


@dataclasses.dataclass(kw_only=True)
class Office:
    """A company whose dashboard may be spoken to, with a clock that can be set."""

    folder: Path
    now: dt.datetime = NOW

    @property
    def workspace(self) -> Workspace:
        """As its files are now."""
        return Workspace.load(self.folder / "config.toml")

    @property
    def site(self) -> Site:
        """Its dashboard."""
        return Site(
            settings=lambda: load_settings(self.folder / "config.toml", environ={}),
            now=lambda: self.now,
            shelf=EditionStore(self.folder / "store"),
        )

    @property
    def cards(self) -> list[Card]:
        """All that digests show now."""
        with self.workspace.at(self.now) as snapshot:
            (pages,) = pages_by_zone(snapshot, timezones=["UTC"]).values()
        return [card for page in pages for card in page.digest.cards]

    @property
    def said(self) -> list[str]:
        """Everything that was kept."""
        with self.workspace.reading() as store:
            return store.feedback.frame()["kind"].to_list()

    @property
    def contents(self) -> dict[str, object]:
        """Everything in its store: each file, and each row of the catalogue, whose file may hold it in two ways.

        But for what is written down about who looked.
        """
        with contextlib.closing(sqlite3.connect(self.folder / "store" / "catalogue.sqlite")) as catalogue:
            rows = [row for row in catalogue.iterdump() if not row.startswith(BESIDES)]
        files = {
            path for path in (self.folder / "store").rglob("*") if path.is_file() and path.suffix != ".lock"
        }
        others = {path for path in files if not path.name.startswith(("catalogue.", ".checked"))}
        return {"rows": rows, **{str(path): path.read_bytes() for path in others}}

    def rewrite(self, name: str, change: Callable[[str], str]) -> None:
        """Change a file."""
        place = self.folder / name
        place.write_text(change(place.read_text(encoding="utf-8")), encoding="utf-8")

    def flag(self, account_id: str) -> dict[str, object]:
        """The newest flag of an account."""
        with self.workspace.at(self.now) as snapshot:
            found = snapshot.recorded_flags
        return found.filter(pl.col("account_id") == account_id).row(-1, named=True)


def reader_of(office: Office) -> TestClient:
    """A browser that looks at an office's dashboard, and sends forms from its own pages."""
    return TestClient(
        application(office.site),
        base_url="http://127.0.0.1",
        follow_redirects=False,
        headers={"sec-fetch-site": "same-origin"},
    )


def path_of(card: Card) -> str:
    """Where its links lead."""
    assert card.feedback_url is not None
    return card.feedback_url.removeprefix(OUTSIDE)


def say(reader: TestClient, card: Card, kind: str, **fields: str) -> httpx2.Response:
    """Send one of the page's forms."""
    form = {"token": path_of(card).partition("=")[2], "kind": kind, **fields}
    return reader.post("/feedback", data=form)


def words(answer: httpx2.Response) -> str:
    """What there is to read."""
    main_part = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", f"<main{main_part}")).split())


def fields(answer: httpx2.Response, kind: str) -> dict[str, str]:
    """The hidden fields of one of the page's forms."""
    (form,) = [
        part for part in re.findall(r"<form.*?</form>", answer.text, re.DOTALL) if f'value="{kind}"' in part
    ]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def refused(answer: httpx2.Response, status: int, *names: str) -> None:
    """Check that a page says what is wrong and what to do, and offers no form."""
    assert answer.status_code == status
    assert "<form" not in answer.text
    assert answer.headers["referrer-policy"] == "same-origin"
    for name in (*names, "Nothing was changed."):
        assert name in words(answer)
