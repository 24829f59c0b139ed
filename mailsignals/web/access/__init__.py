"""Who may see the dashboard: sign-in, sessions, roles, what browsers may ask, and who saw what."""
