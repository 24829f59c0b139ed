"""Who we are: ``[company]`` and ``[[people]]``."""

from typing import Literal

from mailsignals.config.section import Address, Domain, Name, Section, Timezone


class CompanySection(Section):
    """``[company]``: whose mail is read."""

    name: Name
    """The company's name, as digests show it."""
    domains: tuple[Domain, ...]
    """Our domains: every address at or below one of them is internal; may be empty if addresses are given."""
    addresses: tuple[Address, ...] = ()
    """Internal addresses outside these domains, such as a support list at a provider."""
    timezone: Timezone = "UTC"
    """The time zone of days, of digests, and of calendars that name none."""


class Person(Section):
    """``[[people]]``: an internal person or shared address that has a role."""

    address: Address
    """The address; it is internal wherever it is."""
    role: Literal["cs", "support", "other"] = "other"
    """What the address does: ``cs`` (customer success), ``support`` or ``other``."""
    timezone: Timezone | None = None
    """Where the person works, which decides when their digest comes; absent: ``company.timezone``."""
