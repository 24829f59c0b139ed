"""All settings, and what must hold between sections."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from mailsignals.accounts import FREE_MAIL, Company
from mailsignals.accounts.nearest import did_you_mean
from mailsignals.config.alerts import AlertsSection
from mailsignals.config.alerts import alerts_problems as alert_problems
from mailsignals.config.dashboard import DashboardSection, dashboard_problems
from mailsignals.config.digest import DigestSection, digest_problems
from mailsignals.config.gmail import GmailSection
from mailsignals.config.microsoft365 import Microsoft365Section
from mailsignals.config.paths import AccountsSection, StoreSection
from mailsignals.config.privacy import PrivacySection
from mailsignals.config.retention import RetentionSection
from mailsignals.config.risk import RiskSection
from mailsignals.config.schedule import ScheduleSection, ServiceSection
from mailsignals.config.section import Address, Domain, Name, Section, Timezone, midnight
from mailsignals.config.signals import SignalsSection
from mailsignals.config.sla import SLASection
from mailsignals.config.tiers import DEFAULT_TIERS, Tier, Versions, half_day_problems
from mailsignals.sla.promises import NO_TARGET, Policy, Promises


class CompanySection(Section):
    """``[company]``: whose mail is read."""

    name: Name
    """The company's name, as digests show it."""
    domains: tuple[Domain, ...]
    """Our domains: every address at or below one of them is internal; may be empty if addresses are given."""
    addresses: tuple[Address, ...] = ()
    """Internal addresses outside these domains, such as a support list at a provider."""
    forms: tuple[Address, ...] = ()
    """Addresses from which contact forms send us mail; the sender of such a mail is the first address in Reply-To."""
    timezone: Timezone = "UTC"
    """The time zone of days, of digests, and of calendars that name none."""


class Person(Section):
    """``[[people]]``: an internal person or shared address that has a role."""

    address: Address
    """The address; it is internal wherever it is."""
    name: str | None = None
    """The name that digests, pages and tables show; account lists may name a CSM by it, too."""
    aliases: tuple[Address, ...] = ()
    """Other addresses of the same person or desk, such as those of a former domain; they count as the first."""
    role: Literal["cs", "support", "other"] = "other"
    """What the address does: ``cs`` (customer success), ``support`` or ``other``."""
    timezone: Timezone | None = None
    """Where the person works, which decides when their digest comes; absent: ``company.timezone``."""


class ModelSection(Section):
    """``[model]``: how a model that learns from customers who left is trained and used."""

    false_alarms_per_csm_month: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] = 1.0
    """How many false alarms a CSM puts up with in a month; the alarms of backtests keep to it."""
    contract: bool = True
    """Whether models may look at the account list too: tier, tenure, renewal date and ARR, as known at the time."""
    hold_back: Annotated[float, Field(strict=True, ge=0, le=0.5)] = 0.0
    """The share of flags that nobody is shown, drawn by lot, to learn whom a call saves."""


Key = tuple[str | int, ...]
"""Where a value stands: ``("tiers", 0, "name")``."""


class Settings(Section):
    """The settings of config.toml, one field per section."""

    company: CompanySection
    """Whose mail is read."""
    store: StoreSection = StoreSection()
    """Where the messages are kept."""
    accounts: AccountsSection = AccountsSection()
    """Who the customers are."""
    gmail: GmailSection = GmailSection()
    """Which mailboxes of Google Workspace to read, and how to sign in."""
    microsoft365: Microsoft365Section = Microsoft365Section()
    """Which mailboxes of Microsoft 365 to read, and how to sign in."""
    privacy: PrivacySection = PrivacySection()
    """What of a mail is kept."""
    retention: RetentionSection = RetentionSection()
    """How long it is kept."""
    people: tuple[Person, ...] = ()
    """Internal people and shared addresses that have a role."""
    tiers: tuple[Tier, ...] = DEFAULT_TIERS
    """What accounts of each tier were promised."""
    calendars: Mapping[Name, Versions] = {}
    """Open hours by name."""
    sla: SLASection = SLASection()
    """When a ticket counts as resolved, and which of a customer's mails need no answer."""
    signals: SignalsSection = SignalsSection()
    """The settings of the definitions behind the signals."""
    risk: RiskSection = RiskSection()
    """The scorecard and who is shown."""
    model: ModelSection = ModelSection()
    """The model that learns from customers who left."""
    digest: DigestSection = DigestSection()
    """How digests are sent."""
    alerts: AlertsSection = AlertsSection()
    """What people are told between digests."""
    schedule: ScheduleSection = ScheduleSection()
    """When the service does what."""
    service: ServiceSection = ServiceSection()
    """How the service is reached, and how it logs."""
    dashboard: DashboardSection = DashboardSection()
    """How the dashboard is reached, who may see what of it, and how fresh it is."""

    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what somebody should change in the configuration although it works, one sentence each."""
        return self._warnings

    def with_warnings(self, warnings: Iterable[str]) -> Self:
        """Return the same settings with these warnings."""
        warned = self.model_copy()
        warned._warnings = tuple(warnings)  # noqa: SLF001  # of a copy of its own
        return warned

    @property
    def our_company(self) -> Company:
        """The company with its domains, addresses and roles, which decides who is internal."""
        return Company(
            name=self.company.name,
            domains=self.company.domains,
            addresses=frozenset(self.company.addresses),
            forms=frozenset(self.company.forms),
            roles={person.address: person.role for person in self.people},
            aliases={alias: person.address for person in self.people for alias in person.aliases},
        )

    @property
    def addresses_of_people(self) -> dict[str, str]:
        """The address of each of ``people`` by their name and their other addresses, in lower case."""
        return {
            called.lower(): person.address
            for person in self.people
            for called in (person.name, *person.aliases)
            if called
        }

    @property
    def names_of_people(self) -> dict[str, str]:
        """Return the name of each of ``people`` by their address and their other addresses, all in lower case."""
        return {
            address.casefold(): person.name
            for person in self.people
            if person.name
            for address in (person.address, *person.aliases)
        }

    def timezone_of(self, address: str | None) -> str:
        """The time zone of a person; the company's, unless ``people`` says otherwise."""
        zones = {person.address: person.timezone for person in self.people}
        return zones.get((address or "").casefold()) or self.company.timezone

    def may_sign_in(self, address: str) -> bool:
        """Return whether a normalised address may see the dashboard at all; roles decide which parts."""
        domain = address.rpartition("@")[2]
        allowed = self.dashboard.allowed_domains
        if not allowed:
            return self.our_company.is_own(address)
        return any(domain == each or domain.endswith(f".{each}") for each in allowed)

    @property
    def mail_may_go_to(self) -> tuple[str, ...]:
        """The domains, with what lies below, to which digests may be sent."""
        return self.digest.allowed_domains or self.company.domains

    @property
    def free_mail(self) -> frozenset[str]:
        """The shipped free-mail domains and those of ``accounts.free_mail``."""
        return FREE_MAIL.union(self.accounts.free_mail)

    @property
    def tier_names(self) -> tuple[str, ...]:
        """The names that the tier column of the accounts file may hold."""
        return tuple(dict.fromkeys(tier.name for tier in self.tiers))

    def promises(self, tiers: pl.Series, changes: pl.DataFrame | None = None) -> Promises:
        """Return the SLA policies of accounts, given each account's tier and the tiers that changed.

        Args:
            tiers: the tier, or null, of each account in the order of their numbers.
            changes: the tiers of accounts that had several, as ``Promises.of`` takes them.
        """
        timezone = self.company.timezone
        return Promises.of(
            [
                Policy(
                    tier=tier.name,
                    since=None if tier.since is None else midnight(tier.since, timezone),
                    first_response_hours=tier.first_response_hours,
                    next_response_hours=tier.next_response_hours,
                    resolution_hours=tier.resolution_hours,
                    calendar=tier.calendar,
                )
                for tier in self.tiers
            ],
            {
                name: [version.hours(timezone=timezone) for version in versions]
                for name, versions in self.calendars.items()
            },
            tiers,
            changes,
        )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        ways = {"gmail_auth": self.gmail.auth, "microsoft365_auth": self.microsoft365.auth}
        problems = [
            *self._company_problems(),
            *self._tier_problems(),
            *(each for name, found in self.calendars.items() for each in half_day_problems(name, found)),
            *digest_problems(self.digest, **ways),
            *alert_problems(self.alerts, digest_enabled=self.digest.enabled, tiers=self.tier_names),
            *dashboard_problems(self.dashboard),
        ]
        if problems:
            texts = "; ".join(text for _, text in problems)
            raise PydanticCustomError("disagreement", "{texts}", {"texts": texts, "problems": problems})
        return self

    def _company_problems(self) -> Iterator[tuple[Key, str]]:
        if not self.company.domains and not self.company.addresses:
            yield ("company",), 'nothing is internal; give domains = ["example.com"], or addresses'
        first: dict[str, int] = {}
        for number, person in enumerate(self.people):
            if first.setdefault(person.address, number) != number:
                yield (
                    ("people", number, "address"),
                    f"{person.address} stands in people twice; an address has one role",
                )
        for number, person in enumerate(self.people):
            for place, alias in enumerate(person.aliases):
                if first.setdefault(alias, number) != number:
                    other = self.people[first[alias]].address
                    yield (
                        ("people", number, "aliases", place),
                        f"{alias} is an address of {other} as well; it can be of one person only",
                    )

    def _tier_problems(self) -> Iterator[tuple[Key, str]]:
        first: dict[tuple[str, dt.date | None], int] = {}
        for number, tier in enumerate(self.tiers):
            if tier.name == NO_TARGET:
                yield (
                    ("tiers", number, "name"),
                    f"{NO_TARGET!r} names those who were promised nothing; rename it",
                )
            if first.setdefault((tier.name, tier.since), number) != number:
                begins = "" if tier.since is None else f" from {tier.since} on"
                yield (
                    ("tiers", number, "name"),
                    f"two tiers are named {tier.name!r}{begins}; rename or remove one, or give it a `from` of its own",
                )
            if tier.calendar is not None and tier.calendar not in self.calendars:
                hint = did_you_mean(tier.calendar, self.calendars, what="calendars")
                yield ("tiers", number, "calendar"), f"there is no [calendars.{tier.calendar}]{hint}"
