"""Mailbox readers: each turns one source of mail into pages of message metadata."""
