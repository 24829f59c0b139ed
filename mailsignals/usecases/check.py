"""Check mailbox access, and compare the account list with the stored mail."""

import dataclasses
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import polars as pl

from connectors.base import ConnectorError
from connectors.provider import Checked, Provider
from mailsignals.accounts import unclaimed_domains
from mailsignals.accounts.doubts import DOUBT_SCHEMA, SeenMail, doubts
from mailsignals.config.starter import EXAMPLE_DOMAIN
from mailsignals.credentials import Runtime
from mailsignals.sync.mailboxes import PARALLEL
from mailsignals.usecases.clock_state import clock_sentences
from mailsignals.usecases.stored_mail import StoredMailReport, stored_mail
from mailsignals.usecases.sync import NO_MAILBOXES, open_providers
from mailsignals.workspace import Workspace

WITHOUT_HEADERS = "can be read, but not its headers"
"""The state of a mailbox whose internet headers the provider refuses."""

MAILBOX_CHECK_SCHEMA = pl.Schema(
    {
        "provider": pl.String(),
        "mailbox": pl.String(),
        "state": pl.String(),
        "messages": pl.Int64(),
        "scopes": pl.List(pl.String()),
        "excess": pl.List(pl.String()),
        "problem": pl.String(),
        "remedy": pl.String(),
    }
)
"""One row per mailbox."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Coverage:
    """The number of emails written by people, by sender."""

    mails: int
    from_accounts: int
    from_us: int
    accounts: int
    """Accounts that have written."""
    silent_accounts: int
    """Accounts that have never written."""

    @property
    def from_others(self) -> int:
        """Emails from neither an account nor your team."""
        return self.mails - self.from_accounts - self.from_us


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Findings:
    """The result of a check."""

    mailboxes: pl.DataFrame
    """``MAILBOX_CHECK_SCHEMA``; a provider that can't list its mailboxes has no rows."""
    errors: Sequence[ConnectorError]
    """Errors on reading or listing mailboxes."""
    has_store: bool
    coverage: Coverage | None
    """None without any email by a person."""
    unclaimed: pl.DataFrame
    """External domains that belong to no account, with their ``mails``, most frequent first."""
    mail: StoredMailReport | None = None
    """The mail of each mailbox and account, and unlisted addresses; None without a store."""
    doubts: pl.DataFrame = dataclasses.field(default_factory=DOUBT_SCHEMA.to_frame)
    """``DOUBT_SCHEMA``: entries of the account list that match no mail, or look wrong."""
    unfinished: Sequence[str]
    """Sentences on missing parts of a starter configuration."""
    clock: Sequence[str] = ()
    """Sentences on a wrong clock, and on everything that is dated in the future."""


def check(workspace: Workspace, runtime: Runtime, *, sign_in: bool) -> Findings:
    """Check access to each mailbox, and compare the account list with the stored mail.

    Args:
        workspace: the company.
        runtime: the clock, the secrets, how to stop, and how to show the prompts of a sign-in.
        sign_in: whether to prompt for a missing sign-in.

    Raises:
        UserError: a secret is missing, or the store can't be read.
    """
    mailboxes, errors = _mailboxes(workspace, runtime, sign_in=sign_in)
    has_store = workspace.settings.store.path.exists()
    senders = _senders(workspace) if has_store else pl.Series("sender", [], dtype=pl.String)
    unclaimed = unclaimed_domains(
        senders,
        company=workspace.settings.our_company,
        book=workspace.book,
        free_mail=workspace.settings.free_mail,
    )
    return Findings(
        mailboxes=mailboxes,
        errors=errors,
        has_store=has_store,
        coverage=coverage(senders, workspace) if senders.len() else None,
        unclaimed=unclaimed,
        mail=stored_mail(workspace, runtime.now()),
        doubts=doubts(
            workspace.book,
            company=workspace.settings.our_company,
            free_mail=workspace.settings.free_mail,
            seen=_seen(workspace, unclaimed["domain"].to_list()) if senders.len() else None,
        ),
        unfinished=list(_unfinished(workspace)),
        clock=clock_sentences(workspace, runtime.now()) if has_store else (),
    )


def coverage(senders: pl.Series, workspace: Workspace) -> Coverage:
    """Count the emails written by people, by sender.

    Args:
        senders: one address per email.
        workspace: the company.
    """
    known = workspace.directory(senders.unique())
    wrote = senders.to_frame("address").join(known, on="address", how="left")
    theirs = wrote["account"].drop_nulls()
    accounts = theirs.n_unique()
    return Coverage(
        mails=wrote.height,
        from_accounts=theirs.len(),
        from_us=int(wrote["internal"].sum()),
        accounts=accounts,
        silent_accounts=workspace.book.accounts.height - accounts,
    )


def _senders(workspace: Workspace) -> pl.Series:
    with workspace.reading() as store:
        people = pl.col("automated").is_null()
        return store.messages().filter(people).select("sender").collect()["sender"]


def _seen(workspace: Workspace, strangers: Sequence[str]) -> SeenMail:
    """Return the accounts and addresses of all senders and recipients, in automated mail too."""
    with workspace.reading() as store:
        mails = store.messages()
        addresses = pl.concat(
            [
                mails.select(address="sender"),
                *(mails.select(address=pl.col(field).explode()) for field in ("to", "cc", "bcc")),
            ]
        )
        known = workspace.directory(addresses.unique().collect()["address"])
    return SeenMail(
        accounts=frozenset(known["account"].drop_nulls()),
        ours=known.filter("internal")["address"].sort().to_list(),
        strangers=strangers,
    )


def _mailboxes(
    workspace: Workspace, runtime: Runtime, *, sign_in: bool
) -> tuple[pl.DataFrame, list[ConnectorError]]:
    rows: list[dict[str, object]] = []
    errors: list[ConnectorError] = []
    with open_providers(workspace.settings, runtime, sign_in=sign_in) as found:
        for provider in found:
            try:
                checked = _check_all(workspace, provider)
            except ConnectorError as error:
                errors.append(error)
                continue
            rows += [_row(provider.name, each) for each in checked]
            errors += [each.error for each in checked if each.error]
    return pl.DataFrame(rows, schema=MAILBOX_CHECK_SCHEMA), errors


def _check_all(workspace: Workspace, provider: Provider) -> list[Checked]:
    """Check all mailboxes, except those for which the provider requested a pause."""
    with ExitStack() as held:
        if workspace.settings.store.path.exists():
            with workspace.reading() as store:
                limits = store.provider_limits.snapshot(provider.name)
            held.enter_context(provider.keep_limits(limits))
        if (paused := provider.standing_wait()) is not None:
            raise paused
        workers = held.enter_context(ThreadPoolExecutor(PARALLEL))
        return list(workers.map(provider.check, provider.mailboxes()))


def _row(provider: str, checked: Checked) -> dict[str, object]:
    error = checked.error
    return {
        "provider": provider,
        "mailbox": checked.mailbox,
        "state": error.state if error else "can be read" if checked.headers else WITHOUT_HEADERS,
        "messages": checked.messages,
        "scopes": list(checked.scopes),
        "excess": list(checked.excess),
        "problem": error.problem if error else None,
        "remedy": error.remedy if error else None,
    }


def _unfinished(workspace: Workspace) -> Iterator[str]:
    settings = workspace.settings
    if EXAMPLE_DOMAIN in workspace.book.domains:
        yield f"{settings.accounts.file} still has the example of `mailsignals init`. Replace it with your customers."
    if not (settings.gmail.used or settings.microsoft365.used or settings.store.path.exists()):
        yield NO_MAILBOXES
