"""To be removed with its last importer: ``refuse_openness`` is in ``mailsignals.web.access.check``."""

from mailsignals.web.access.check import refuse_openness

__all__ = ["refuse_openness"]
