"""Links in emails: signed ones to the dashboard, and those that open an email in the mailbox."""

from collections.abc import Mapping

import polars as pl

from mailsignals.accounts.addresses import plain_address
from mailsignals.config import Settings
from mailsignals.config.microsoft365 import Microsoft365Section
from mailsignals.flags.news import ENTERED, STILL
from mailsignals.notifications.digest.links import Links
from mailsignals.notifications.digest.mail_links import GMAIL, OUTLOOK, own_copies
from mailsignals.secret_files import SecretFile
from mailsignals.workspace import Snapshot

_OF_MAIL = ("sender", "sent_at", "reader")


def dashboard_links(snapshot: Snapshot) -> Links | None:
    """Return the dashboard's links for emails as of a date; None where the dashboard has no address."""
    url = snapshot.workspace.settings.dashboard.url
    return Links(url=url, secret=snapshot.store.secret(SecretFile.LINKS), at=snapshot.as_of) if url else None


def with_own_copies(
    snapshot: Snapshot, rows: pl.DataFrame, owed: Mapping[str, pl.DataFrame]
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """Return accounts with the CSM's ``copy`` (``OWN_COPY``) of their last email, tickets with that of their first.

    Args:
        snapshot: the company, whose account list names the CSMs.
        rows: accounts, with ``csm``, ``last_inbound_person``, ``last_inbound_at`` and their ``news``.
        owed: by time zone, the result of ``owed_to_customers``; the same tickets in each.
    """
    csms = snapshot.accounts["csm"]
    readers = pl.DataFrame(
        [(csm, plain_address(csm)) for csm in csms.drop_nulls().unique()],
        schema={"csm": pl.String(), "reader": pl.String()},
        orient="row",
    )
    accounts = rows.with_columns(sender="last_inbound_person", sent_at="last_inbound_at").join(
        readers, on="csm", how="left", maintain_order="left"
    )
    tickets = {
        zone: of_zone.with_columns(
            sender="contact", sent_at="opened_at", csm=pl.lit(csms).gather(pl.col("account"))
        ).join(readers, on="csm", how="left", maintain_order="left")
        for zone, of_zone in owed.items()
    }
    shown = accounts.filter(pl.col("news").is_in([ENTERED, STILL]))
    wanted = [frame.select(_OF_MAIL) for frame in (shown, *list(tickets.values())[:1])]
    providers = _reachable(snapshot.workspace.settings)
    found = own_copies(snapshot.messages_of_people, pl.concat(wanted), providers=providers)

    def with_copy(frame: pl.DataFrame) -> pl.DataFrame:
        joined = frame.join(found, on=_OF_MAIL, how="left", maintain_order="left")
        return joined.drop(*_OF_MAIL)

    return with_copy(accounts), {zone: with_copy(frame).drop("csm") for zone, frame in tickets.items()}


def _reachable(settings: Settings) -> list[str]:
    """Return the providers whose web mail has a known address; national clouds have others."""
    usual = Microsoft365Section.model_fields["graph_root"].default
    return [GMAIL, OUTLOOK] if settings.microsoft365.graph_root == usual else [GMAIL]
