"""Rules of grammar: negations, clauses, and software that does not talk."""

from tests.house.prose.passage import Kind
from tests.house.prose.rule import SCREENS, SURFACES, Rule

PROGRAM = (
    r"(?:it|mailsignals|X+|[\w-]+\.(?:py|md|toml|txt)|(?:the|this|that|a|an|each|every|its|our) (?:[\w-]+ )?"
    r"(?:api|chart|check|column|command|configuration|dashboard|digest|documentation|error|field|file|"
    r"figure|function|header|key|line|list|log|message|method|model|module|name|option|page|program|"
    r"report|row|server|service|setting|store|table|test|text|title|type))"
)

GRAMMAR = (
    Rule(
        "no-noun",
        r"\b(?:is|was|be) no\b(?! (?:longer|more|less|better|worse|fewer)\b)",
        "is not a, isn't, has no, or 'No … found'",
        "notes.txt is no account list.",
        "The mailbox is no longer read.",
    ),
    Rule(
        "no-such",
        r"\bthere (?:is|are|was|were) no such\b",
        "unknown …, or … doesn't exist",
        "There is no such account.",
        "Unknown account 'acme'.",
    ),
    Rule(
        "goes-with",
        r"\b(?:go|goes|going|went) with\b",
        "requires",
        "--new-owner goes with --mailbox.",
        "--new-owner requires --mailbox.",
    ),
    Rule(
        "whoever",
        r"\b(?:whoever|whomever|whosever)\b",
        "anyone who, the person who, any",
        "Whoever opens the link can see it.",
        "Anyone who opens the link can see it.",
    ),
    Rule(
        "whom",
        r"\bwhom\b",
        "name the person: recipient, sender, customer, owner",
        "The first says to whom what would be sent.",
        "The first previews the recipients and contents.",
    ),
    Rule(
        "of-us",
        r"\bof us\b",
        "your team, internal, or the role's name",
        "Who of us wrote last",
        "The last email from your team",
    ),
    Rule(
        "afterthought",
        r", (?:and|or) (?:why|what|who|whose|by what|with what|from what|of what|on what|to what)\b(?! to do)",
        "make it a sentence of its own, or 'and shows why'",
        "It lists accounts that may churn, and why.",
        "It lists accounts that may churn, and shows why.",
    ),
    Rule(
        "per-account",
        r"\b(?:rows?|lines?|figures?|values?|cards?|digests?|emails?|columns?|one|once|twice) an? "
        r"(?:account|mailbox|csm|row|line|person|window|conversation|ticket|cell|table|message)\b",
        "per account, per row, …",
        "It computes three figures an account.",
        "It computes three figures per account.",
    ),
    Rule(
        "software-talks",
        rf"(?<![\w'-]){PROGRAM} (?:also |then |now |only |alone )?"
        r"(?:says|tells|knows|asks|speaks|learns|believes|thinks|wants|complains|remembers|forgets|heeds)\b",
        "shows, reports, lists, requests, sends, records",
        "The page says how many emails are unanswered.",
        "The page shows how many emails are unanswered.",
    ),
    Rule(
        "said-of",
        r"\b(?:is|are|was|were|be|been|being) (?:said|told|asked)\b",
        "is shown, is reported, is requested; or name who does it",
        "The reader is told when the sync ended.",
        "The page shows when the sync ended.",
    ),
    Rule(
        "learnt",
        r"\b(?:un)?learnt\b",
        "learned, trained, calibrated",
        "What the model learnt later does not count.",
        "Everything that the model learned later is ignored.",
    ),
    Rule(
        "came-to-its-end",
        r"\b(?:come|comes|came|coming) to (?:its|an|their|the) end\b",
        "completed, ended",
        "The sign-in did not come to its end.",
        "The sign-in was not completed.",
    ),
    Rule(
        "would-it-work",
        r"\b(?:would it work|what it does|with what programs|who saw|took away what)\b",
        "begin with a verb: check, show, manage",
        "Would it work: configuration and mailboxes?",
        "Check the configuration and mailboxes.",
        kinds=SCREENS,
    ),
    Rule(
        "again-is-harmless",
        r"\bagain is (?:harmless|safe)\b|\btwice is harmless\b",
        "safe to repeat",
        "Import mail; again is harmless.",
        "Import mail (safe to repeat).",
    ),
    Rule(
        "makes-up-for",
        r"\b(?:make|makes|making|made) up for\b|\bleft undone\b",
        "catches up after",
        "It makes up for a crash.",
        "It catches up after a crash.",
    ),
    Rule(
        "by-itself",
        r"\bby (?:itself|themselves)\b",
        "automatically; alone",
        "Nothing is sent by itself.",
        "Nothing is sent automatically.",
        kinds=SURFACES,
    ),
    Rule(
        "is-a-hope",
        r"\bis (?:a|but a|only a) hope\b",
        "an untested backup is not a backup",
        "A backup that was never restored is a hope.",
        "An untested backup is not a backup.",
    ),
    Rule(
        "write-a-day",
        r"\bwrite (?:a|the|it as a) (?:day|instant|date) (?:such as|like|as)\b|\bit should hold\b",
        "Use 2026-10-01; expected …",
        "Write a day such as 2026-10-01.",
        "Use 2026-10-01 or 2026-10-01T08:30+02:00.",
    ),
    Rule(
        "used-to",
        r"\bwho used to write\b|\bit used to be every\b|\bis usual for them\b|\bused to be usual\b",
        "main contact; (usually every 34); more than usual",
        "It used to be every 34 days.",
        "No check-in for 73 days (usually every 34).",
    ),
    Rule(
        "known-to",
        r"\b(?:is|are|was|were) known to have\b",
        "found N as of DATE",
        "No accounts are known to have left by then.",
        "Found 0 churned accounts as of 2020-06-01.",
    ),
    Rule(
        "fraction-of-people",
        r"\b\d+\.\d+ (?:colleagues|people|persons|mails|emails|answers|tickets|customers)\b",
        "round people and emails, or write 'more than usual'",
        "They copy 0.5 colleagues into an email.",
        "They CC more colleagues than usual.",
    ),
    Rule(
        "percent",
        r"(?:\d|X|\}) %(?![\w(])",
        "33% (no space)",
        "The share is 33 % of all.",
        "The share is 33% of all.",
    ),
    Rule(
        "opening",
        r"(?-i:(?:\A\n|\n\n)(?:(?:What|Whether|Who|Whose|Whom|Which|Where|How|When|Why|The same|With what)\b"
        r"|Nothing[.,;]))",
        "begin a docstring with its result or a verb",
        "Whether a mailbox is ready.",
        "Return whether a mailbox is ready.",
        kinds=frozenset({Kind.DOCSTRING}),
    ),
    Rule(
        "help-opening",
        r"(?-i:(?:\A\n|\n\n)(?:What|Whether|Who|Whose|Whom|Which|Where|How|When|Why|To whom|With what|Say)\b)",
        "begin help with a verb, or describe an option by a noun",
        "What the store holds, and how fresh it is.",
        "Show the content of the store.",
        kinds=frozenset({Kind.HELP}),
    ),
    Rule(
        "label-opening",
        r"(?-i:(?:\A\n|\n\n)(?:What|Whether|Who|Whose|Whom|Which|How|Why|To whom|With what|It left|Not now|who|whose|"
        r"whom|to whom|how|why|what)\b)",
        "labels and column heads are nouns, buttons begin with a verb",
        "What became of it?",
        "Status",
        kinds=frozenset({Kind.LABEL}),
    ),
)
