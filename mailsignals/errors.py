"""Errors that a person can act on; the command line prints their text and nothing else."""


class UserError(Exception):
    """Something that whoever runs the program can put right: exit status 2.

    The text says whose (file, line, key), what is wrong, and what to do.
    """

    exit_status = 2


class SignInFailedError(UserError):
    """A provider refused our credentials: exit status 4."""

    exit_status = 4
