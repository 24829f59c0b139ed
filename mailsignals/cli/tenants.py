"""The providers of the configuration, open as long as a command needs them."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from connectors.provider import Provider
from mailsignals import clock
from mailsignals.config import Settings
from mailsignals.credentials import Runtime, sign_in_person
from mailsignals.sync.providers import providers

NO_MAILBOXES = (
    "No mailbox is configured. Name some under mailboxes in [gmail] or [microsoft365] of config.toml, or a group; "
    "docs/google-workspace.md and docs/microsoft-365.md lead through it. "
    "`mailsignals import` reads mail from files instead."
)


@contextmanager
def opened(
    settings: Settings, *, stop: threading.Event, say: Callable[[str], None], sign_in: bool = False
) -> Iterator[list[Provider]]:
    """The providers with mailboxes to read; ``say`` tells whoever is there what a sign-in asks of them.

    With ``sign_in``, a person who has not signed in yet is asked to.

    Raises:
        UserError: a secret is not where the configuration says.
    """
    around = Runtime(environ=os.environ, now=clock.now, stop=stop, say=say)
    with ExitStack() as stack:
        if sign_in:
            sign_in_person(settings, around)
        found = providers(settings, around)
        for each in found:
            stack.callback(each.close)
        yield found
