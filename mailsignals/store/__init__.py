"""The store: one folder with messages and cursors, committed together, and derived tables beside them."""

from mailsignals.store.messages.fingerprint_index import Committed
from mailsignals.store.messages.store import Store

__all__ = ["Committed", "Store"]
