"""Service level agreements: calendars, policies, tickets, and whether what was promised was kept."""
