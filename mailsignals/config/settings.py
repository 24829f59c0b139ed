"""All settings, and the rules between sections."""

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
    """``[company]``: your company."""

    name: Name
    """The company's name, for digests."""
    domains: tuple[Domain, ...]
    """The company's domains: addresses at these and their subdomains are internal; optional with addresses."""
    addresses: tuple[Address, ...] = ()
    """Internal addresses outside these domains, such as a support list at a provider."""
    forms: tuple[Address, ...] = ()
    """Sender addresses of contact forms; the sender of their emails is the first address in Reply-To."""
    timezone: Timezone = "UTC"
    """The time zone of days and digests, and of calendars without their own."""


class Person(Section):
    """``[[people]]``: an internal person or shared address with a role."""

    address: Address
    """The address; it is always internal."""
    name: str | None = None
    """The name that digests, pages and tables show; account lists may name a CSM by it, too."""
    aliases: tuple[Address, ...] = ()
    """Other addresses of the same person or team, such as those of a former domain."""
    role: Literal["cs", "support", "other"] = "other"
    """The role: ``cs`` (customer success), ``support`` or ``other``."""
    timezone: Timezone | None = None
    """The person's time zone, for the time of their digest; default: ``company.timezone``."""


class ModelSection(Section):
    """``[model]``: training and use of a model from churned customers."""

    false_alarms_per_csm_month: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] = 1.0
    """Acceptable number of false alarms per CSM and month; backtests keep within it."""
    contract: bool = True
    """True if models also use the account list: tier, tenure, renewal date and ARR, as known at the time."""
    hold_back: Annotated[float, Field(strict=True, ge=0, le=0.5)] = 0.0
    """The share of flags held out for comparison (holdout), chosen at random, to measure the effect of calls."""


Key = tuple[str | int, ...]
"""The path of a value: ``("tiers", 0, "name")``."""


class Settings(Section):
    """The settings of config.toml, one field per section."""

    company: CompanySection
    """The company: domains, name and time zone."""
    store: StoreSection = StoreSection()
    """The folder of the stored messages."""
    accounts: AccountsSection = AccountsSection()
    """The list of customers."""
    gmail: GmailSection = GmailSection()
    """The mailboxes of Google Workspace, and the way to sign in."""
    microsoft365: Microsoft365Section = Microsoft365Section()
    """The mailboxes of Microsoft 365, and the way to sign in."""
    privacy: PrivacySection = PrivacySection()
    """The stored parts of emails, and visibility of figures about people."""
    retention: RetentionSection = RetentionSection()
    """The retention of stored data."""
    people: tuple[Person, ...] = ()
    """Internal people and shared addresses with a role."""
    tiers: tuple[Tier, ...] = DEFAULT_TIERS
    """The SLA targets of each tier."""
    calendars: Mapping[Name, Versions] = {}
    """Business hours by name."""
    sla: SLASection = SLASection()
    """The rules for resolved tickets, and for emails that need no reply."""
    signals: SignalsSection = SignalsSection()
    """The settings of the definitions behind the signals."""
    risk: RiskSection = RiskSection()
    """The risk levels and the scorecard."""
    model: ModelSection = ModelSection()
    """The model trained on churned customers."""
    digest: DigestSection = DigestSection()
    """The delivery of digests."""
    alerts: AlertsSection = AlertsSection()
    """The alerts between digests."""
    schedule: ScheduleSection = ScheduleSection()
    """The times of the background service's jobs."""
    service: ServiceSection = ServiceSection()
    """The address and the log of the background service."""
    dashboard: DashboardSection = DashboardSection()
    """The dashboard's address, access, roles and freshness."""

    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return the warnings about a configuration that works, one sentence each."""
        return self._warnings

    def with_warnings(self, warnings: Iterable[str]) -> Self:
        """Return the same settings with these warnings."""
        warned = self.model_copy()
        warned._warnings = tuple(warnings)  # noqa: SLF001  # of a copy of its own
        return warned

    @property
    def our_company(self) -> Company:
        """Return the company with its domains, addresses and roles, which decides who is internal."""
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
        """Return the address of each of ``people`` by name and other addresses, in lower case."""
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
        """Return the time zone of a person by address; the company's for people without their own."""
        zones = {person.address: person.timezone for person in self.people}
        return zones.get((address or "").casefold()) or self.company.timezone

    def may_sign_in(self, address: str) -> bool:
        """Return whether a normalised address may sign in to the dashboard; roles decide about its parts."""
        domain = address.rpartition("@")[2]
        allowed = self.dashboard.allowed_domains
        if not allowed:
            return self.our_company.is_own(address)
        return any(domain == each or domain.endswith(f".{each}") for each in allowed)

    @property
    def mail_may_go_to(self) -> tuple[str, ...]:
        """Return the domains, with subdomains, to which digests may be sent."""
        return self.digest.allowed_domains or self.company.domains

    @property
    def free_mail(self) -> frozenset[str]:
        """Return the shipped free-mail domains and those of ``accounts.free_mail``."""
        return FREE_MAIL.union(self.accounts.free_mail)

    @property
    def tier_names(self) -> tuple[str, ...]:
        """Return the allowed names in the tier column of the account list."""
        return tuple(dict.fromkeys(tier.name for tier in self.tiers))

    def promises(self, tiers: pl.Series, changes: pl.DataFrame | None = None) -> Promises:
        """Return the SLA policies of accounts, given each account's tier and the tiers that changed.

        Args:
            tiers: the tier, or null, of each account in the order of their numbers.
            changes: the tiers of accounts with several tiers over time, as for ``Promises.of``.
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
            yield ("company",), 'no domains and no addresses; add domains = ["example.com"]'
        first: dict[str, int] = {}
        for number, person in enumerate(self.people):
            if first.setdefault(person.address, number) != number:
                yield (
                    ("people", number, "address"),
                    f"{person.address} is in people twice; remove one, as an address has one role",
                )
        for number, person in enumerate(self.people):
            for place, alias in enumerate(person.aliases):
                if first.setdefault(alias, number) != number:
                    other = self.people[first[alias]].address
                    yield (
                        ("people", number, "aliases", place),
                        f"{alias} is also an address of {other}; remove one, because an address belongs to one person",
                    )

    def _tier_problems(self) -> Iterator[tuple[Key, str]]:
        first: dict[tuple[str, dt.date | None], int] = {}
        for number, tier in enumerate(self.tiers):
            if tier.name == NO_TARGET:
                yield (
                    ("tiers", number, "name"),
                    f"{NO_TARGET!r} is reserved for accounts without SLA targets; rename the tier",
                )
            if first.setdefault((tier.name, tier.since), number) != number:
                begins = "" if tier.since is None else f" from {tier.since} on"
                yield (
                    ("tiers", number, "name"),
                    f"two tiers are named {tier.name!r}{begins}; rename or remove one, or set a different `from`",
                )
            if tier.calendar is not None and tier.calendar not in self.calendars:
                hint = did_you_mean(tier.calendar, self.calendars, what="calendars")
                yield ("tiers", number, "calendar"), f"[calendars.{tier.calendar}] does not exist{hint}"
