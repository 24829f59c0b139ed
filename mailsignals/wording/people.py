"""People by their names instead of their addresses, wherever a name is known."""

import collections
import dataclasses
from collections.abc import Collection, Mapping


@dataclasses.dataclass(frozen=True)
class PersonNames:
    """The names of addresses, from ``[[people]]`` and from the account list."""

    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The name of each address; addresses in lower case."""

    def of(self, address: str) -> str:
        """Return the name of an address, or the address itself where no name is known."""
        return self.names.get(address.casefold()) or address

    def with_address(self, address: str) -> str:
        """Return ``Kim Lee (kim@example.com)``, for somebody to write to; the address alone without a name."""
        name = self.names.get(address.casefold())
        return f"{name} ({address})" if name else address

    def labels(self, addresses: Collection[str]) -> dict[str, str]:
        """Return a label for each address, no two alike: the name, with the address where several share the name."""
        shared = collections.Counter(self.of(address) for address in addresses)
        return {
            address: self.of(address) if shared[self.of(address)] == 1 else self.with_address(address)
            for address in addresses
        }
