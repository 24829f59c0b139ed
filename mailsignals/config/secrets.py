"""Places of secrets: a file, an environment variable or the system's keyring, never config.toml."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from mailsignals.errors import UserError


@dataclasses.dataclass(frozen=True, kw_only=True)
class SecretPlace:
    """The three keys for the place of one secret; at most one of them is set."""

    key: str
    """The common beginning of the keys, such as ``gmail.key``."""
    what: str
    """The name of the secret in messages, such as ``the service account's key``."""
    file: Path | None
    variable: str
    entry: str

    def read(self, environ: Mapping[str, str]) -> str:
        """Return the secret.

        Raises:
            UserError: it isn't at its place, or no place is configured.
        """
        if self.file is not None:
            return self._from_file(self.file)
        if self.variable:
            return self._from_environment(environ)
        if self.entry:
            return self._from_keyring()
        raise UserError(
            f"{self.key}_file is missing. Set it, {self.key}_env or {self.key}_keyring to the place of {self.what}."
        )

    def _from_file(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UserError(f"{self.key}_file: {file} is not a text file; expected {self.what}.") from None
        except OSError as error:
            raise UserError(
                f"{self.key}_file: {file} can't be read: {error.strerror}; expected {self.what}."
            ) from None

    def _from_environment(self, environ: Mapping[str, str]) -> str:
        value = environ.get(self.variable, "").strip()
        if not value:
            raise UserError(
                f"{self.key}_env: the environment variable {self.variable} is not set; set it to {self.what}."
            )
        return value

    def _from_keyring(self) -> str:
        import keyring  # noqa: PLC0415  # its import searches all installed packages
        import keyring.errors  # noqa: PLC0415  # as above

        service, _, user = self.entry.partition("/")
        try:
            value = keyring.get_password(service, user)
        except keyring.errors.KeyringError as error:
            raise UserError(
                f"{self.key}_keyring: the keyring of this machine can't be read: {error}. "
                f"Use {self.key}_file or {self.key}_env instead."
            ) from None
        if not value:
            raise UserError(
                f"{self.key}_keyring: the keyring has no entry {self.entry!r}. "
                f"Add {self.what} with `keyring set {service} {user}`."
            )
        return value
