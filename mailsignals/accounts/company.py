"""Who belongs to the company."""

import dataclasses
from collections.abc import Mapping

from connectors.mail import Own
from mailsignals.accounts.fingerprint import fingerprint


@dataclasses.dataclass(frozen=True, kw_only=True)
class Company:
    """The company whose mail is read; its domains and addresses are in the form of ``address_of``."""

    name: str
    domains: tuple[str, ...]
    """Every address at or below one of these is internal."""
    addresses: frozenset[str]
    """Internal addresses elsewhere, such as a support list at a provider."""
    roles: Mapping[str, str]
    """The role (``cs``, ``support`` or ``other``) of each person and shared address that was given one."""
    forms: frozenset[str] = frozenset()
    """Addresses under which contact forms write; the sender of such a mail is in ``Reply-To``."""

    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The address under which a person is known, of each of their other addresses."""

    def is_own(self, address: str) -> bool:
        """Return whether a normalised address is internal."""
        if address in self.addresses or address in self.roles or address in self.aliases:
            return True
        domain = address.rpartition("@")[2] if "@" in address else ""
        return any(domain == own or domain.endswith(f".{own}") for own in self.domains)

    @property
    def own(self) -> Own:
        """Our own addresses as readers of mail want them."""
        return Own(self.is_own, self.forms)

    @property
    def reading_key(self) -> str:
        """A fingerprint of what decides how mail is read: equal keys, equal messages for every mail."""
        return fingerprint([self.key, sorted(self.forms)]) if self.forms else self.key

    @property
    def key(self) -> str:
        """A fingerprint of what decides ``is_own``: equal keys, equal answers for every address."""
        return fingerprint(
            [sorted(set(self.domains)), sorted(self.addresses | self.roles.keys() | self.aliases.keys())]
        )
