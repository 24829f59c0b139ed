"""Digests, alerts and bulletins, and their delivery."""
