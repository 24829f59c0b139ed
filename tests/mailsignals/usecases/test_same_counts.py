"""Pages, digests and the weekly report of one day count the same."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailsignals import clock
from mailsignals.demo import simulate, write_company
from mailsignals.notifications.digest.digest import Digest
from mailsignals.readmodel.queries.accounts import summary
from mailsignals.readmodel.tables.accounts import account_rows
from mailsignals.store import Store
from mailsignals.store.tables.feedback import FeedbackEntry
from mailsignals.usecases.bulletins import BulletinKind, bulletin
from mailsignals.usecases.digests import chosen_pages
from mailsignals.usecases.import_files import import_files
from mailsignals.usecases.score import score
from mailsignals.workspace import Snapshot, Workspace
from tests.mailsignals.demo.conftest import UNTIL

A_DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A simulated company with a week of recorded days, in which somebody snoozed an account at high risk."""
    folder: Path = tmp_path_factory.mktemp("watched")
    write_company(simulate(accounts=60, seed=4, until=UNTIL), folder)
    workspace = Workspace.load(folder / "config.toml")
    import_files(workspace, [folder / "messages.parquet"], "support@larkspur.example", now=clock.now)
    for ago in range(28, 0, -4):
        score(workspace, UNTIL - ago * A_DAY)
    with workspace.at(UNTIL) as snapshot:
        (high, *_) = snapshot.shown_risk.filter(level="high")["account_id"]
    with Store.open(workspace.settings.store.path, mode="write") as store:
        said = FeedbackEntry(
            account_id=high, given_at=UNTIL - A_DAY, given_by="ana", kind="snoozed", until="worse"
        )
        store.feedback.keep(lambda _: said)
    return workspace


@pytest.fixture(scope="module")
def today(watched: Workspace) -> Iterator[Snapshot]:
    """The company at the end."""
    with watched.at(UNTIL) as snapshot:
        yield snapshot


@pytest.fixture(scope="module")
def digests(today: Snapshot) -> list[Digest]:
    """Every CSM's digest."""
    return [page.digest for page in chosen_pages(today, csm=None)]


@pytest.mark.slow
def test_pages_digests_and_the_weekly_report_have_the_same_accounts_at_high_risk(
    today: Snapshot, digests: list[Digest]
) -> None:
    """In all and by CSM, snoozed ones among them; and the same open flags below it."""
    rows = account_rows(today)
    of_pages = summary(rows, today=today.today)
    week = bulletin(today, BulletinKind.WEEKLY)
    assert of_pages.totals.high > 1
    assert sum(digest.at_risk for digest in digests) == of_pages.totals.high
    assert sum(len(digest.easing) for digest in digests) == of_pages.eased
    told = f"{of_pages.totals.high} of {of_pages.totals.current} accounts at high risk"
    assert f"{told}." in week.headline
    assert week.title.endswith(told)
    by_csm = dict(week.sections[1][1])
    for digest in digests:
        of_csm = summary(rows.filter(csm=digest.csm), today=today.today)
        assert digest.at_risk == of_csm.totals.high
        told = " ".join(map(str, by_csm[today.workspace.names.of(digest.csm or "")]))
        assert re.findall(r"(\d+) at high risk", told) == [str(digest.at_risk)]


@pytest.mark.slow
def test_every_account_of_a_digest_is_in_one_place(today: Snapshot, digests: list[Digest]) -> None:
    """Cards, open flags, lapsed accounts and the last sentence add up to the CSM's accounts."""
    for digest in digests:
        named = [card.account_id for card in digest.cards]
        named += [line.account_id for line in (*digest.easing, *digest.lapsed)]
        assert len(named) == len(set(named))
        counted = sum(int(number) for number in re.findall(r"(\d+) (?!days)", digest.watched[-1]))
        assert len(named) + digest.more + counted == today.risk.filter(csm=digest.csm).height


@pytest.mark.slow
def test_cards_say_what_the_list_says(today: Snapshot, digests: list[Digest]) -> None:
    """The same reasons with the same shares in the same order, and no account that is silent for over 90 days."""
    risk = {row["account_id"]: row for row in today.risk.iter_rows(named=True)}
    for card in (card for digest in digests for card in digest.cards):
        row = risk[card.account_id]
        assert (row["level"], row["state"]) == ("high", "active")
        assert [reason.text for reason in card.reasons] == [one["text"] for one in row["reasons"][:3]]
        shares = [one["share"] for one in row["reasons"]]
        assert shares == sorted(shares, reverse=True)
