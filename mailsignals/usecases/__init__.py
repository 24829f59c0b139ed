"""One file for each thing that the program does; each returns a report."""
