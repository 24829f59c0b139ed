"""Faults of ordinary life: the scenarios, and the program under injected errors."""
