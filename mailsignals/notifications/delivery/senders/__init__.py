"""The senders: one contract, and one module for each.

base      the contract and its errors          choice    the configured sender
smtp, graph, gmail, folder   an email          webhook   a note to Slack or Teams
"""
