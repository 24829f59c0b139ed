"""Errors that a person can fix; the command line prints only their text."""


class UserError(Exception):
    """An error that the user can fix: exit status 2.

    The text names the place (file, line, key), the problem and the remedy.
    """

    exit_status = 2


class SignInFailedError(UserError):
    """A provider rejected the credentials: exit status 4."""

    exit_status = 4
