"""A real mailing list, against what an independent program read from it."""

import gzip
import tomllib
from pathlib import Path

import polars as pl
import pytest

from connectors.base import frame_of
from connectors.mail import MailOrigin, Own, read_message, split_headers

COMPARED = (
    "message_id",
    "references",
    "sent_at",
    "sender",
    "to",
    "cc",
    "bcc",
    "subject",
    "automated",
    "importance",
)


@pytest.mark.slow
def test_every_mail_of_the_list_reads_as_the_independent_program_read_it(
    openbmc: Path, openbmc_mbox: Path
) -> None:
    """All 22,118 mails agree in every column, none is set aside, none has a defect, and no two share an id.

    There is no exception to name: of the 11 mails "… via OpenBMC" the addresses in ``From`` are not our own,
    so that both readers leave them; one is auto-generated, and no other counts as automated.
    """
    company = tomllib.loads((openbmc / "config.toml").read_text())["company"]
    (domain,) = company["domains"]
    ours = frozenset(company["addresses"])

    def own(address: str) -> bool:
        host = address.rpartition("@")[2]
        return address in ours or host == domain or host.endswith(f".{domain}")

    mbox = b"\n" + gzip.decompress(openbmc_mbox.read_bytes())
    blocks = [mail.partition(b"\n")[2] for mail in mbox.split(b"\nFrom mboxrd@z")[1:]]
    origin = MailOrigin(mailbox=company["addresses"][0], provider="mbox")
    readings = [read_message(split_headers(block), origin, Own(own)) for block in blocks]

    assert not [reading for reading in readings if reading.skipped or reading.defects]
    found = frame_of(reading.message for reading in readings if reading.message)
    expected = pl.read_parquet(openbmc / "messages.parquet").sort("provider_id")
    different = {name: (found[name] != expected[name]).sum() for name in COMPARED}
    missing = {name: (found[name].is_null() != expected[name].is_null()).sum() for name in COMPARED}
    assert different == missing == dict.fromkeys(COMPARED, 0)
    assert found.height == found["provider_id"].n_unique() == 22_118
