"""Brings what was written to people, once: mails and notes, an outbox, and the ways to send."""
