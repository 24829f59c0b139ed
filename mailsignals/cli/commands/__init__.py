"""One command per file: its options, and the words for its results."""
