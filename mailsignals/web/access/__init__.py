"""Access to the dashboard: sign-in, sessions, roles, rate limits and the audit log."""
