"""Jobs of the service: when each is due, and how its runs ended."""
