"""Messages and cursors, committed together."""
