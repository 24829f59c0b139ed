"""How the dashboard is reached and kept fresh: ``[dashboard]``."""

from typing import Annotated

from pydantic import AfterValidator, Field

from mailsignals.config.section import Section


def _address(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise ValueError(f"{url!r} is not an address such as 'https://mailsignals.example.com'")
    return url.rstrip("/")


class DashboardSection(Section):
    """``[dashboard]``: the pages that `mailsignals serve` and `mailsignals run` show."""

    url: Annotated[str, AfterValidator(_address)] = ""
    """The address under which people reach it, for links in digests and alerts; empty: these have no links."""
    refresh_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)] = 15
    """How many minutes lie between two preparations of what the pages show."""
