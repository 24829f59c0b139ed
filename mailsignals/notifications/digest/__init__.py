"""Digests and reports: content first, rendering after."""
