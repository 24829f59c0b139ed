"""Reads new mail from connectors into the store."""

from mailsignals.sync.engine import SyncReport, bring_in

__all__ = ["SyncReport", "bring_in"]
