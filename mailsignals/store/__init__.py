"""Messages and cursors, committed together, in one folder; derived tables beside them."""

from mailsignals.store.known import Committed
from mailsignals.store.store import Store

__all__ = ["Committed", "Store"]
