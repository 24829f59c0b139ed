"""Mailboxes that are files: mbox, Maildir, ``.eml`` files, interchange Parquet."""

from connectors.files.recognise import open_files

__all__ = ["open_files"]
