"""What the pages of the dashboard read: tables made once an instant, so that no request computes over all mail."""
