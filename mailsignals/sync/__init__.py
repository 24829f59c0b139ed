"""Bringing the store up to date with a connector."""

from mailsignals.sync.engine import SyncReport, bring_in

__all__ = ["SyncReport", "bring_in"]
