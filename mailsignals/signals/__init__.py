"""The signals of each account as of any time, over windows of 30, 60 and 90 days."""
