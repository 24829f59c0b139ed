"""The signals of each account at an instant, over 30, 60 and 90 days."""
