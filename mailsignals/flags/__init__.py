"""Flags: episodes of high risk, with their feedback and outcomes."""
