"""Alerts between digests: events, recipients, timing and wording."""
