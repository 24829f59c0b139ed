"""Service level agreements: calendars, policies, tickets, and SLA compliance."""
