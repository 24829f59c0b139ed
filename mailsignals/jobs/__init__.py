"""Jobs of the background service: their schedules, runs and health."""
