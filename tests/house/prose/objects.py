"""Rules of vocabulary for the things of mail and of the program."""

from tests.house.prose.passage import Kind
from tests.house.prose.rule import SURFACES, Rule

THINGS = (
    Rule(
        "account-book",
        r"\b(?:account|customer)s?'? books?\b|\b(?:the|a|your|our|this|its|whose) books?\b",
        "account list",
        "The account book has 40 rows.",
        "The account list has 40 rows. He books a flight.",
    ),
    Rule(
        "instant",
        r"\binstants?\b",
        "date, time, point in time",
        "At any instant of the past.",
        "As of any point in time; it is instantly shown.",
    ),
    Rule(
        "mails",
        r"\bmails\b|\b(?:a|one|each|every|another|per|single|(?<!since\x20)last|first|next) mail\b"
        r"(?! (?:server|servers|client|provider|providers|program|programs|merge|merges|system|metadata|volume|flow|"
        r"address|addresses|account|accounts|gateway|host|by|export|exports|archive|archives|export|data|is read|"
        r"traffic|folder|folders|file|files|store|service|carrier|domain|domains|history))",
        "email, emails",
        "She sent three mails.",
        "Mail by week, from mail servers; three emails.",
    ),
    Rule(
        "letter",
        r"\b(?:a|the|this|that|each|every|per|one|first|next|last|his|her|their|your) letter\b|\bletters to\b",
        "email, message",
        "A letter to the customer.",
        "An email to the customer; three letters of a code.",
        kinds=SURFACES,
    ),
    Rule(
        "set-aside",
        r"\b(?:set|sets|setting|put|puts|left) aside\b",
        "skipped",
        "Four mails were set aside.",
        "Four emails were skipped.",
    ),
    Rule(
        "read-what-is-new",
        r"\bread(?:s|ing)? what is new\b",
        "sync, last synced",
        "Read what is new in the mailboxes.",
        "Sync the configured mailboxes.",
        kinds=SURFACES,
    ),
    Rule(
        "we-people",
        r"\bwe-people\b|\bpeople of ours\b|\bone of ours\b|\bours\b",
        "your team, internal",
        "Is the sender one of ours?",
        "Is the sender internal?",
        kinds=SURFACES,
    ),
    Rule(
        "bulletin",
        r"\bbulletins?\b",
        "weekly report, support report",
        "The weekly bulletin.",
        "The weekly report.",
        kinds=SURFACES,
    ),
    Rule(
        "service-runs",
        r"\bno service (?:runs|is running|of us)\b|\bservice of us\b",
        "The background service isn't running",
        "No service runs: nothing is read.",
        "The background service isn't running.",
    ),
    Rule(
        "lapsed",
        r"\blapsed\b",
        "silent for over 90 days",
        "12 accounts are lapsed.",
        "12 accounts are silent for over 90 days.",
        kinds=SURFACES,
    ),
    Rule(
        "desk",
        r"\b(?:service |support |the |whole )desk\b(?!top)",
        "queue, support team",
        "The desk answered it.",
        "The support team answered it.",
        kinds=SURFACES,
    ),
    Rule(
        "of-another-role",
        r"\bsurely more\b|\banother role's\b",
        "significantly more than, another team's",
        "Surely more than 25% another role's work.",
        "Significantly more than 25% on another team's work.",
    ),
    Rule(
        "leads-through",
        r"\bleads? (?:\w+ )?through (?:it|the)\b",
        "describes, explains, see",
        "docs/google-workspace.md leads through it.",
        "See docs/google-workspace.md.",
    ),
    Rule(
        "seen-from",
        r"\bseen from\b",
        "relative to",
        "A folder, seen from the folder of this file.",
        "A folder, relative to this file.",
        kinds=SURFACES | {Kind.COMMENT},
    ),
)
