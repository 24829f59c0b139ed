"""Flags: episodes of high risk, what people say of them, and what became of them."""
