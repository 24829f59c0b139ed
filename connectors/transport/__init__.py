"""Requests of connectors to servers: one HTTP client, time limits, waits, and rate limits."""
