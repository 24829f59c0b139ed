"""Backup, retention, erasure, and tables derived from messages."""
