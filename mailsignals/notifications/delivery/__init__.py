"""Delivery, exactly once: emails and chat notes, an outbox, and the senders."""
