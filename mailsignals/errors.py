"""Errors that a person can fix; the command line prints only their text."""


class UserError(Exception):
    """An error that the user can fix: exit status 2.

    The text names the place (file, line, key), the problem and the remedy.
    """

    exit_status = 2


class MachineError(UserError):
    """An error of the machine that may pass: a full or read-only disk, a locked file, no file handles left.

    The same work succeeds once the cause is gone, so the service tries it again every minute.
    """


class OtherVersionError(UserError):
    """Another version of mailsignals wrote the store, which is sound; the text has the remedy."""


class ServiceEndedError(UserError):
    """The background service can't continue and must be started again: exit status 75, as for a temporary failure."""

    exit_status = 75


class SignInFailedError(UserError):
    """A provider rejected the credentials: exit status 4."""

    exit_status = 4
