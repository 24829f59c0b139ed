"""A server that behaves like Microsoft Graph's mail, written from what is known of the service, without our connector.

mailbox    a mailbox and what happens in it       items    messages, and as JSON
delta      rounds, links and their generations    server   answers requests
entra      the token endpoint                     errors   what Graph says when it refuses

``python -m tests.support.graph --messages 100000`` serves a big mailbox in a process of its own.
"""
