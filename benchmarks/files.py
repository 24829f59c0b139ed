"""What lies in the folder of a run: each stage reads the files of the ones before it."""

MESSAGES = "messages"
"""A folder of Parquet files in ``MESSAGE_SCHEMA``."""
TOUCHES = "touches.parquet"
LINKS = "links.parquet"
PROGRAMS = "programs.parquet"
