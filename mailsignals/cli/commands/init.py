"""``mailsignals init``: write a starter configuration, and an account list to fill in."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from mailsignals.accounts import domain_of, mailbox_of
from mailsignals.cli.output import Output
from mailsignals.cli.run import Run
from mailsignals.config.section import Timezone
from mailsignals.config.starter import SOURCES, Source, first_accounts, first_config
from mailsignals.errors import UserError
from mailsignals.store.messages.errors import store_errors

CONFIG, ACCOUNTS = "config.toml", "accounts.csv"
_GUIDES = {"gmail": "docs/operate/google-workspace.md", "microsoft365": "docs/operate/microsoft-365.md"}
_ONE_OF = f"{', '.join(SOURCES[:-1])} or {SOURCES[-1]}"


def init_command(
    context: typer.Context,
    *,
    company: Annotated[str | None, typer.Option(metavar="NAME", help="Company name.")] = None,
    domain: Annotated[
        list[str] | None, typer.Option(metavar="DOMAIN", help="A domain of your company; repeatable.")
    ] = None,
    provider: Annotated[
        str | None, typer.Option(metavar="SOURCE", help=f"Source of mail: {_ONE_OF}.")
    ] = None,
    mailbox: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="A mailbox to read; repeatable.")
    ] = None,
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="Time zone, such as Europe/Berlin.")] = "UTC",
) -> None:
    """Write a starter configuration and account list."""
    run: Run = context.obj
    file = run.config or Path(CONFIG)
    _refuse_to_write_over(file)
    company, domains, source = _asked(run.output, company, domain or [], provider)
    text = first_config(
        company,
        domains=domains,
        source=source,
        timezone=_timezone(timezone),
        mailboxes=[_checked(mailbox_of, "--mailbox", one) for one in mailbox or []],
    )
    accounts = file.parent / ACCOUNTS
    written = [file] if accounts.exists() else [accounts, file]
    with store_errors(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        if not accounts.exists():
            _write(accounts, first_accounts(domains[0]))
        _write(file, text)
    run.output.lines("file", [str(path) for path in written])
    if accounts not in written:
        run.output.say(f"{accounts} already exists and was not changed.")
    run.output.say("\nNext steps:")
    for number, step in enumerate(_steps(file, accounts, source, named=bool(mailbox)), start=1):
        run.output.say(f"  {number}. {step}")


def _refuse_to_write_over(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise UserError(
            f"{file} already exists and is never overwritten. To check it: `mailsignals check`. "
            "To write another one, use --config FILE."
        )


def _asked(
    output: Output, company: str | None, domains: list[str], provider: str | None
) -> tuple[str, list[str], Source]:
    """Return the given values, completed by questions on the terminal.

    Raises:
        UserError: a value is missing without a terminal, or is invalid.
    """
    wanted = {
        "--company NAME": company,
        "--domain DOMAIN": domains,
        f"--provider {'|'.join(SOURCES)}": provider,
    }
    missing = [option for option, value in wanted.items() if not value]
    if missing and not sys.stdin.isatty():
        raise UserError(
            f"Missing: {', '.join(missing)}. Add them, or run `mailsignals init` on a terminal, which prompts for them."
        )
    name = company or _answer(output, "Company name:")
    ours = domains or [_answer(output, "Domain of your addresses, such as example.com:")]
    source = provider or _answer(output, f"Source of mail ({_ONE_OF}):")
    if not name.strip() or not name.isprintable():
        raise UserError("--company: use a name on one line.")
    found: list[Source] = [each for each in SOURCES if each == source]
    if not found:
        raise UserError(f"--provider: invalid source {source!r}. Use {_ONE_OF}.")
    return name.strip(), [_checked(domain_of, "--domain", one) for one in ours], found[0]


def _answer(output: Output, question: str) -> str:
    """Return the answer to a question that is printed on standard error."""
    output.err.print(question, end=" ")
    return sys.stdin.readline().strip()


def _checked(read: Callable[[str], str], option: str, value: str) -> str:
    try:
        return read(value)
    except ValueError as error:
        raise UserError(f"{option}: {error}.") from None


def _timezone(name: str) -> str:
    try:
        return TypeAdapter(Timezone).validate_python(name)
    except ValidationError as error:
        raise UserError(f"--timezone: {error.errors()[0]['ctx']['error']}.") from None


def _write(file: Path, text: str) -> None:
    with file.open("x", encoding="utf-8", newline="\n") as opened:
        opened.write(text)


def _steps(file: Path, accounts: Path, source: Source, *, named: bool) -> list[str]:
    """Return the steps from a starter configuration to the first figures."""
    option = "" if file == Path(CONFIG) else f" --config {file}"
    steps = [f"Replace the example in {accounts} with your customers."]
    if source == "files":
        steps.append(f"mailsignals import PATH --mailbox ADDRESS{option}")
        steps.append(f"mailsignals check{option}")
    else:
        wanted = "" if named else f", and name the mailboxes to read in {file}"
        steps.append(f"Give mailsignals access to mail as in {_GUIDES[source]}{wanted}.")
        steps.append(f"mailsignals check{option}")
        steps.append(f"mailsignals sync{option}")
    return [*steps, f"mailsignals risk{option}"]
