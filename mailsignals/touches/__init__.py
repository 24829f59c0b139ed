"""Turn messages into touches: merge copies, match accounts, leave out mail merges, join threads."""
