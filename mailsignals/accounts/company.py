"""The company: its domains, people and shared addresses."""

import dataclasses
from collections.abc import Mapping

from connectors.mail import Own
from mailsignals.accounts.fingerprint import fingerprint


@dataclasses.dataclass(frozen=True, kw_only=True)
class Company:
    """Your company; its domains and addresses are in the form of ``address_of``."""

    name: str
    domains: tuple[str, ...]
    """Every address at or below one of these is internal."""
    addresses: frozenset[str]
    """Internal addresses elsewhere, such as a support list at a provider."""
    roles: Mapping[str, str]
    """The role (``cs``, ``support`` or ``other``) by address, of people and shared addresses with a role."""
    forms: frozenset[str] = frozenset()
    """Sender addresses of contact forms; the sender of their emails is in ``Reply-To``."""

    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The main address of a person by each of their other addresses."""

    def is_own(self, address: str) -> bool:
        """Return whether a normalised address is internal."""
        if address in self.addresses or address in self.roles or address in self.aliases:
            return True
        domain = address.rpartition("@")[2] if "@" in address else ""
        return any(domain == own or domain.endswith(f".{own}") for own in self.domains)

    @property
    def own(self) -> Own:
        """Return the internal addresses in the form for reading headers."""
        return Own(self.is_own, self.forms)

    @property
    def reading_key(self) -> str:
        """A fingerprint of all that decides how emails are read: with equal keys, the messages are equal."""
        return fingerprint([self.key, sorted(self.forms)]) if self.forms else self.key

    @property
    def key(self) -> str:
        """A fingerprint of all that decides ``is_own``: with equal keys, the results are equal for every address."""
        return fingerprint(
            [sorted(set(self.domains)), sorted(self.addresses | self.roles.keys() | self.aliases.keys())]
        )
