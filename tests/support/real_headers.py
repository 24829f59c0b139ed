"""Headers of a size and kind as Exchange and Gmail deliver them: about 45 in 8 kB."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from email.utils import format_datetime


def real_headers(number: int, *, at: dt.datetime, sender: str, to: str) -> list[tuple[str, str]]:
    """The headers that servers on the way add to a message, besides those of the writer; the same for a number."""
    return [*_hops(number, at, to), *_written(number, at, sender, to), *_exchange(number)]


def _token(number: int, part: str, length: int) -> str:
    """Text that differs from message to message, like signatures and ids."""
    digest = hashlib.sha512(f"{number} {part}".encode()).hexdigest()
    return (digest * (length // len(digest) + 1))[:length]


def _hops(number: int, at: dt.datetime, to: str) -> Iterator[tuple[str, str]]:
    """Trace and signatures, the newest on top."""
    when = format_datetime(at)
    for hop in range(6, 0, -1):
        yield (
            "Received",
            (
                f"from FR0P281MB{hop:04}.DEUP281.PROD.OUTLOOK.COM (2603:10a6:d10:{hop}::{number % 999}) by "
                f"BEZP281MB{hop:04}.DEUP281.PROD.OUTLOOK.COM with HTTPS id {_token(number, f'hop {hop}', 18)}; {when}"
            ),
        )
    for name, length in (("ARC-Seal", 420), ("ARC-Message-Signature", 640), ("DKIM-Signature", 480)):
        yield name, f"i=1; a=rsa-sha256; d=customer.test; s=selector1; b={_token(number, name, length)}"
    for name in ("ARC-Authentication-Results", "Authentication-Results", "Received-SPF"):
        yield (
            name,
            f"spf=pass (sender IP is 192.0.2.{number % 250}) smtp.mailfrom=customer.test; dmarc=pass action=none",
        )
    yield "Return-Path", f"bounce+{number}@customer.test"
    yield "Delivered-To", to


def _written(number: int, at: dt.datetime, sender: str, to: str) -> Iterator[tuple[str, str]]:
    """What the writer's program sets."""
    yield "From", f'"Customer {number % 997}" <{sender}>'
    yield "To", f'"Ana Ruiz" <{to}>, "Support" <support@us.test>'
    yield "Cc", f'"Colleague" <k{number % 97}@customer.test>'
    yield "Subject", f"Re: Letter {number}"
    yield "Thread-Topic", f"Letter {number}"
    yield "Thread-Index", _token(number, "index", 40)
    yield "Date", format_datetime(at)
    yield "Message-ID", f"<{number}@mail.test>"
    yield "References", " ".join(f"<{_token(number, f'ref {n}', 32)}@mail.test>" for n in range(3))
    yield "In-Reply-To", f"<{_token(number, 'ref 2', 32)}@mail.test>"
    yield "Accept-Language", "de-DE, en-US"
    yield "Content-Language", "de-DE"
    yield "Content-Type", f'multipart/alternative; boundary="_000_{_token(number, "boundary", 40)}_"'
    yield "MIME-Version", "1.0"
    yield "X-Mailer", "Microsoft Outlook 16.0"


def _exchange(number: int) -> Iterator[tuple[str, str]]:
    """What Exchange notes for itself."""
    for name, length in (
        ("X-MS-Has-Attach", 3),
        ("X-MS-TNEF-Correlator", 0),
        ("X-MS-PublicTrafficType", 5),
        ("X-MS-TrafficTypeDiagnostic", 60),
        ("X-MS-Office365-Filtering-Correlation-Id", 36),
        ("X-MS-Exchange-Organization-SCL", 1),
        ("X-MS-Exchange-Organization-AuthSource", 40),
        ("X-MS-Exchange-Organization-Network-Message-Id", 36),
        ("X-MS-Exchange-Transport-EndToEndLatency", 16),
        ("X-MS-Exchange-CrossTenant-OriginalArrivalTime", 30),
        ("X-MS-Exchange-CrossTenant-UserPrincipalName", 88),
        ("X-Microsoft-Antispam", 60),
        ("X-Microsoft-Antispam-Message-Info", 1_100),
        ("X-Microsoft-Antispam-Mailbox-Delivery", 120),
        ("X-OriginatorOrg", 20),
        ("X-EOPAttributedMessage", 1),
    ):
        yield name, _token(number, name, length)
