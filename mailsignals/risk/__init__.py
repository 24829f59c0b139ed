"""Risk: state, chances, level and reasons of each account."""
