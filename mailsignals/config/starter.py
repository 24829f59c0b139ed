"""The first configuration of a company: short, explained, and valid without changes."""

import json
from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

Source: TypeAlias = Literal["gmail", "microsoft365", "files"]
SOURCES: tuple[Source, ...] = get_args(Source)
"""The source of mail."""

EXAMPLE_DOMAIN = "customer.example"
"""The name of the example account in the first account list."""

_COMPANY = """\
# mailsignals, for {name_alone}. `mailsignals check` tests this configuration.
# config.example.toml lists all keys with their defaults.

[company]
name = {name}
domains = {domains}  # Addresses at these domains and their subdomains are internal.
timezone = {timezone}  # For days and for the time of digests.

[accounts]
file = "accounts.csv"  # Your customers, one per line. Relative paths start at the folder of this file.

# Your people and shared addresses: "support" answers tickets, "cs" (customer success) looks after accounts.
# Without roles, no tickets are counted. Remove the #, and repeat the block for each person.
# [[people]]
# address = {support}
# role = "support"
#
# [[people]]
# address = {cs}
# role = "cs"
"""

_SOURCES: dict[Source, str] = {
    "gmail": """
[gmail]  # An administrator creates the key; docs/operate/google-workspace.md shows the steps.
mailboxes = {mailboxes}  # The mailboxes to read, such as {support}.
key_file = "gmail-key.json"  # The service account's key; it can read metadata only.
""",
    "microsoft365": """
[microsoft365]  # An administrator creates the app; docs/operate/microsoft-365.md shows the steps.
mailboxes = {mailboxes}  # The mailboxes to read, such as {support}.
tenant = ""  # The directory (tenant) id, from the app's overview in the Entra portal.
client_id = ""  # The application (client) id, from the same page.
certificate_file = "mailsignals.pem"  # Private key and certificate in one file.
""",
    "files": """
# Import mail from files: mailsignals import PATH --mailbox ADDRESS
""",
}

_KEEPING = """
[privacy]
subjects = "keep"  # "cues": only urgency and topic, not the words; "none": no subjects.

[retention]
mail_days = 0  # Days after which mail is deleted; 0: never.
"""

_ACCOUNTS = """\
account_id,name,tier,csm,domains,contacts,started_on,churned_on,renewal_on,arr
A1,An example to replace,small,{cs},{domain},,,,,
"""


def first_config(
    company: str, *, domains: Sequence[str], source: Source, timezone: str, mailboxes: Sequence[str]
) -> str:
    """Return the text of config.toml for a company; names as in ``[company]``."""
    words = {
        "name_alone": " ".join(company.split()),
        "name": _text(company),
        "domains": _list(domains),
        "timezone": _text(timezone),
        "mailboxes": _list(mailboxes),
        "support": _text(f"support@{domains[0]}"),
        "cs": _text(f"ana@{domains[0]}"),
    }
    return "".join(part.format(**words) for part in (_COMPANY, _SOURCES[source], _KEEPING))


def first_accounts(domain: str) -> str:
    """Return the text of accounts.csv: all columns, and one account as an example."""
    return _ACCOUNTS.format(cs=f"ana@{domain}", domain=EXAMPLE_DOMAIN)


def _text(value: str) -> str:
    """A text in TOML: as in JSON, without the one character that only JSON allows."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
