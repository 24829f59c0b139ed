"""A server that behaves like the Gmail API, written from what is known of the service, without our connector.

server      answers requests; quota, concurrency and page tokens are set there
oauth       the token endpoint; refusals are its errors
mailbox     a mailbox and what happens in it; store, bulk, threads and history are its parts
methods     users.getProfile, messages, threads, labels, history
batch       POST /batch
guard       notices requests for more than metadata
faults      what goes wrong, one function each; batch_faults what goes wrong with batches
vendor      the vendor's own client, pointed at the server

``python -m tests.support.gmail --messages 100000`` serves a big mailbox in a process of its own.
"""

from tests.support.gmail.clock import ManualClock
from tests.support.gmail.mailbox import Mailbox, State
from tests.support.gmail.message import Message, mail
from tests.support.gmail.oauth import METADATA, READONLY
from tests.support.gmail.quota import CURRENT, LEGACY, MOVING, Quota
from tests.support.gmail.server import GmailServer

__all__ = [
    "CURRENT",
    "LEGACY",
    "METADATA",
    "MOVING",
    "READONLY",
    "GmailServer",
    "Mailbox",
    "ManualClock",
    "Message",
    "Quota",
    "State",
    "mail",
]
