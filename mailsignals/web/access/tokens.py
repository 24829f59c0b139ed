"""Programs with an API token: ``Authorization: Bearer mailsignals_...``."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from mailsignals.config import Settings
from mailsignals.readmodel.roles import Role, Viewer
from mailsignals.store.tables.tokens import PREFIX, Tokens
from mailsignals.web.access.identity_of_request import Requester


@dataclasses.dataclass(frozen=True, slots=True)
class Bearer:
    """The bearer token of a request."""

    text: str

    @property
    def is_ours(self) -> bool:
        """Return whether the token has our prefix; a reverse proxy may pass on tokens of others."""
        return self.text.startswith(PREFIX)


def bearer_in(values: Sequence[str]) -> Bearer | None:
    """Return the bearer token of the header ``Authorization``; None if there is none."""
    for value in values:
        scheme, _, text = value.partition(" ")
        if scheme.lower() == "bearer":
            return Bearer(text.strip())
    return None


def viewer_of_token(
    bearer: Bearer, tokens: Tokens, settings: Settings, *, now: dt.datetime
) -> Requester | str:
    """Return the requester that a token stands for, or the reason why it is refused."""
    found = tokens.find(bearer.text, at=now) if bearer.is_ours else None
    if found is None:
        return "its token is unknown, expired or revoked"
    viewer = Viewer(
        address=found.csm, roles=frozenset({Role(found.role)}), timezone=settings.timezone_of(found.csm)
    )
    return Requester(viewer=viewer, name=f"token {found.name}", way="token")
