"""Benchmarks: speed relative to alternatives, and the quality of the early warning."""
