"""Email analytics for customer success and support, from mailbox metadata only."""
