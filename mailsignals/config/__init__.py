"""config.toml as typed, frozen settings."""

from mailsignals.config.load import load_settings
from mailsignals.config.risk import Marks, RiskSection, Weights
from mailsignals.config.settings import Settings
from mailsignals.config.signals import SignalsSection
from mailsignals.config.sla import SLASection
from mailsignals.config.tiers import Calendar, Tier

__all__ = [
    "Calendar",
    "Marks",
    "RiskSection",
    "SLASection",
    "Settings",
    "SignalsSection",
    "Tier",
    "Weights",
    "load_settings",
]
