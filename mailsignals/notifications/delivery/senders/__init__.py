"""The ways to send: one contract, and one module for each.

base      the contract and its errors          choice    the one that the configuration names
smtp, graph, gmail, folder   a mail            webhook   a note to Slack or Teams
"""
