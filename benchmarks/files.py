"""Names of files in the folder of a run, which stages write for later stages."""

MESSAGES = "messages"
"""A folder of Parquet files in ``MESSAGE_SCHEMA``."""
TOUCHES = "touches.parquet"
LINKS = "links.parquet"
PROGRAMS = "programs.parquet"
