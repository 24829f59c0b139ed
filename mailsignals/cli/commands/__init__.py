"""One command a file: its options, and the words for what came of it."""
