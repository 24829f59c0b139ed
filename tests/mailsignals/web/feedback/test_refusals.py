"""Links that are no longer good, and whoever else has no right to speak."""

import datetime as dt
import re

from starlette.testclient import TestClient

from mailsignals.notifications.digest.card import Card
from mailsignals.notifications.digest.links import LAST, Permit, token
from mailsignals.secret_files import SecretFile
from tests.mailsignals.web.conftest import NOW
from tests.mailsignals.web.feedback.office import A_DAY, Office, path_of, refused, say, words


def test_a_link_that_is_no_longer_good_says_what_to_do(
    office: Office, reader: TestClient, card: Card
) -> None:
    """Altered, missing or expired; to look and to say alike."""
    for path in ("/feedback", f"{path_of(card)}x", "/feedback?token=%F0%9F%98%80%00", path_of(card)[:-1]):
        refused(reader.get(path), 403, "incomplete or was altered")
    refused(reader.post("/feedback", data={"kind": "saved"}), 403)
    in_address = reader.post(path_of(card), data={"kind": "saved"})
    refused(in_address, 403)
    office.now += LAST + A_DAY
    command = f'mailsignals flag dismiss {card.account_id} --note "why"'
    refused(reader.get(path_of(card)), 410, "30 days", command)
    refused(say(reader, card, "saved"), 410)
    assert office.said == []


def test_another_site_says_nothing_in_anybodys_name(office: Office, reader: TestClient, card: Card) -> None:
    """Even one that got hold of the link; and no form is longer than any that we made."""
    form = {"token": path_of(card).partition("=")[2], "kind": "saved"}
    for origin in ("cross-site", "same-site"):
        answer = reader.post("/feedback", data=form, headers={"Sec-Fetch-Site": origin})
        refused(answer, 403, "another site")
    assert reader.post("/feedback", data={**form, "note": "x" * 70_000}).status_code == 413
    assert reader.post("/feedback", content=iter([b"kind=saved"])).status_code == 413
    assert office.said == []
    assert reader.post("/feedback", data=form, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_an_account_that_is_gone_or_handed_over_is_not_shown(
    office: Office, reader: TestClient, card: Card
) -> None:
    """Nor is one whose link is of another flag, or one that cannot be looked up."""
    lines = (office.folder / "accounts.csv").read_text(encoding="utf-8")
    (line,) = [line for line in lines.splitlines() if line.startswith(f"{card.account_id},")]
    (csm,) = re.findall(r"[\w.]+@larkspur\.example|[\w.]+@[\w.]+\.example", line)[:1] or [""]
    office.rewrite("accounts.csv", lambda text: text.replace(line, line.replace(csm, "new@firm.example")))
    refused(reader.get(path_of(card)), 403, "new@firm.example is its CSM now")
    assert card.reasons[0].text not in words(reader.get(path_of(card)))
    office.rewrite(
        "accounts.csv", lambda text: text.replace(line.replace(csm, "new@firm.example") + "\n", "")
    )
    refused(reader.get(path_of(card)), 410, "no longer in the account list")
    refused(say(reader, card, "saved"), 410)
    office.rewrite("accounts.csv", lambda _: "nonsense")
    refused(reader.get(path_of(card)), 503, "Try again")
    office.rewrite("accounts.csv", lambda _: lines)
    secret = (office.folder / "store" / SecretFile.LINKS.file_name).read_bytes()
    old = Permit(account_id=card.account_id, csm=csm, opened_on=dt.date(2025, 1, 1))
    path = f"/feedback?token={token(old, secret=secret, at=NOW)}"
    refused(reader.get(path), 410, "1 Jan 2025", "A newer flag opened")
