"""Delivery: mails, the outbox, and the ways to send."""
