"""Where a secret is kept: in a file, in an environment variable or in the system's keyring, never in config.toml."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from mailsignals.errors import UserError


@dataclasses.dataclass(frozen=True, kw_only=True)
class SecretPlace:
    """The three keys that may say where one secret is; at most one of them does."""

    key: str
    """What the keys are called without their ending: ``gmail.key``."""
    what: str
    """What the secret is, for messages: ``the service account's key``."""
    file: Path | None
    variable: str
    entry: str

    def read(self, environ: Mapping[str, str]) -> str:
        """The secret.

        Raises:
            UserError: it is not where it should be, or nothing says where it is.
        """
        if self.file is not None:
            return self._from_file(self.file)
        if self.variable:
            return self._from_environment(environ)
        if self.entry:
            return self._from_keyring()
        raise UserError(
            f"Nothing says where {self.what} is: set {self.key}_file, {self.key}_env or {self.key}_keyring."
        )

    def _from_file(self, file: Path) -> str:
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UserError(f"{self.key}_file: {file} is no text. It should hold {self.what}.") from None
        except OSError as error:
            raise UserError(
                f"{self.key}_file: {file} cannot be read: {error.strerror}. It should hold {self.what}."
            ) from None

    def _from_environment(self, environ: Mapping[str, str]) -> str:
        value = environ.get(self.variable, "").strip()
        if not value:
            raise UserError(
                f"{self.key}_env: the environment variable {self.variable} is not set. It should hold {self.what}."
            )
        return value

    def _from_keyring(self) -> str:
        import keyring  # noqa: PLC0415  # it looks for keyrings in all that is installed
        import keyring.errors  # noqa: PLC0415  # as above

        service, _, user = self.entry.partition("/")
        try:
            value = keyring.get_password(service, user)
        except keyring.errors.KeyringError as error:
            raise UserError(
                f"{self.key}_keyring: the keyring of this machine cannot be read: {error}. "
                f"Use {self.key}_file or {self.key}_env instead."
            ) from None
        if not value:
            raise UserError(
                f"{self.key}_keyring: the keyring has no entry {self.entry!r}. "
                f"Write {self.what} with `keyring set {service} {user}`."
            )
        return value
