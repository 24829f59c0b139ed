"""A company, and all that is known of it at an instant."""
