"""Exit statuses of the program."""

DONE, BUG, USAGE, PARTIAL, SIGN_IN, INTERRUPTED = 0, 1, 2, 3, 4, 130
