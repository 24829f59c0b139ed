"""The first configuration of a company: short, explained, and valid as it is."""

import json
from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

Source: TypeAlias = Literal["gmail", "microsoft365", "files"]
SOURCES: tuple[Source, ...] = get_args(Source)
"""Where mail comes from."""

EXAMPLE_DOMAIN = "customer.example"
"""What the account is known by that stands in the first account book as an example."""

_COMPANY = """\
# mailsignals, for {name_alone}. `mailsignals check` says whether it works as it stands.
# config.example.toml has every further key, with its default and what it does.

[company]
name = {name}
domains = {domains}  # Whoever is at one of these, or below, is one of you.
timezone = {timezone}  # Of days, and of the hour at which digests come.

[accounts]
file = "accounts.csv"  # Your customers, one a line; seen from the folder of this file, like all paths here.

# Who of you has a role: "support" answers tickets, "cs" (customer success) looks after accounts. Without roles,
# nobody's tickets are counted. Take the # away, and repeat it for each of them.
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
[gmail]  # An administrator makes the key: docs/operate/google-workspace.md leads through it.
mailboxes = {mailboxes}  # Whose mail is read, such as {support}.
key_file = "gmail-key.json"  # The service account's key; it reads metadata and nothing else.
""",
    "microsoft365": """
[microsoft365]  # An administrator makes the app: docs/operate/microsoft-365.md leads through it.
mailboxes = {mailboxes}  # Whose mail is read, such as {support}.
tenant = ""  # The directory (tenant) id, from the app's overview in the Entra portal.
client_id = ""  # The application (client) id, from the same page.
certificate_file = "mailsignals.pem"  # Private key and certificate in one file.
""",
    "files": """
# Mail comes from files: mailsignals import PATH --mailbox ADDRESS
""",
}

_KEEPING = """
[privacy]
subjects = "keep"  # "cues": only whether a subject is urgent, and which mails share one; "none": nothing of it.

[retention]
mail_days = 0  # How many days mail is kept; 0: for ever.
"""

_ACCOUNTS = """\
account_id,name,tier,csm,domains,contacts,started_on,churned_on,renewal_on,arr
A1,An example to replace,small,{cs},{domain},,,,,
"""


def first_config(
    company: str, *, domains: Sequence[str], source: Source, timezone: str, mailboxes: Sequence[str]
) -> str:
    """The text of config.toml; names as ``[company]`` wants them."""
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
    """The text of accounts.csv: all columns, and one account as an example."""
    return _ACCOUNTS.format(cs=f"ana@{domain}", domain=EXAMPLE_DOMAIN)


def _text(value: str) -> str:
    """A text in TOML: as in JSON, and without the one sign that JSON permits and TOML does not."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
