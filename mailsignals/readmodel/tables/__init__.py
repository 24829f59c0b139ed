"""The tables of an edition, by subject."""
