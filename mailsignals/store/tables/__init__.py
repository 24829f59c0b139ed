"""The tables of a store's catalogue."""
