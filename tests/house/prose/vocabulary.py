"""Rules of vocabulary: the field's own words in the place of ours."""

from tests.house.prose.passage import Kind
from tests.house.prose.rule import SCREENS, SURFACES, Rule

LABELS = frozenset({Kind.LABEL})

CHURN = (
    Rule(
        "drifting-away",
        r"\bdrift(?:s|ed|ing)? away\b",
        "at risk of churn, going quiet",
        "Accounts that are drifting away.",
        "The inputs drifted since the training.",
    ),
    Rule(
        "left",
        r"\b(?:(?:have|has|had|who|they|customers?|accounts?) left|(?:to|may|might|will|would) leave)"
        r"\b(?! (?:it|them|to|the|a|an|no|out|over|behind|in|for|open|alone|empty|unanswered|unread|undone|something|"
        r"nothing|one|this|that|these|those|its|their|any|all|some|everything|untouched|mail|room))",
        "churned; 'may go quiet' where no churn dates exist",
        "Twelve customers left within 90 days.",
        "They may leave the field empty.",
    ),
    Rule(
        "it-left",
        r"\bit left\b|\bit was at risk, and is kept\b|\band is kept\b",
        "Mark as churned, Mark as saved",
        "It left.",
        "Mark as churned.",
    ),
    Rule(
        "leaving",
        r"\bchance of leaving\b|\brisk of leaving\b|\bleavers?\b|\bleaving customers?\b|\bwho leaves?\b",
        "chance of churn, churn signals, churned customers",
        "The chance of leaving is about 1 in 3.",
        "The chance of churn is about 1 in 3.",
    ),
    Rule(
        "departure",
        r"\bdepart(?:s|ed|ures?|ing)?\b",
        "churn, churn date, churned",
        "The dates of departures.",
        "The churn dates.",
    ),
    Rule(
        "what-became",
        r"\b(?:what|whatever) (?:became|becomes|has become) of\b",
        "Status, outcome",
        "What became of it?",
        "Status",
    ),
    Rule(
        "said-and-came",
        r"\bsaid and came\b|\bhow far to believe\b|\bcame true so far\b",
        "Calibration, Track record",
        "Said and came",
        "Calibration",
    ),
    Rule(
        "as-on",
        r"\bas on\b|\bas yesterday\b|\bas the day before\b",
        "no change since 29 Nov, unchanged",
        "1 in 3, as on 29 Nov",
        "1 in 3 (no change since 29 Nov)",
    ),
    Rule(
        "what-people-say",
        r"\bwhat (?:people|others|someone|somebody|csms?) (?:say|says|said)\b|\bsaid so far\b|\bsay of (?:it|them)\b",
        "feedback, Feedback history",
        "What people say of them is kept.",
        "Feedback is kept.",
    ),
    Rule(
        "nothing-new",
        r"\bnothing new at risk\b|\bnothing new,",
        "No new at-risk accounts (3 in total)",
        "Nothing new at risk, 3 in all.",
        "No new at-risk accounts (3 in total).",
    ),
    Rule(
        "out-of-sight",
        r"\b(?:in|out of) sight\b",
        "visible, not visible, hidden, snoozed",
        "The mailbox is not in sight.",
        "The mailbox is not visible.",
    ),
    Rule(
        "not-now",
        r"\bnot now[:.]",
        "Snooze",
        "Not now: out of its list.",
        "Snooze a flag until a date.",
    ),
    Rule(
        "taken-back",
        r"\b(?:taken|takes?|took|taking) (?:it |them |that )?back\b",
        "undo, withdrawn",
        "The word was taken back.",
        "The feedback was undone.",
        kinds=SURFACES,
    ),
    Rule(
        "judged",
        r"\b(?:judge[sd]?|judging|judgements?)\b",
        "assess, evaluate, measure",
        "Each account is judged once a day.",
        "Each account is assessed once a day.",
        kinds=SURFACES,
    ),
    Rule(
        "score",
        r"(?<!brier\s)(?<!log\s)\bscore[sd]?\b(?! rows)|\bpercentiles?\b",
        "risk, level; P90",
        "The score is 12.",
        "The Brier score is 0.12.",
        kinds=SCREENS,
    ),
)

RESPONSES = (
    Rule(
        "owe",
        r"\bow(?:e|es|ed|ing)\b",
        "unanswered, overdue, due",
        "We owe them 3 answers.",
        "3 of their emails are unanswered.",
    ),
    Rule(
        "past-due",
        r"\bpast due\b",
        "overdue",
        "The oldest is 55 days past due.",
        "The oldest is 55 days overdue.",
    ),
    Rule(
        "waits-for-us",
        r"\b(?:wait|waits|waited|waiting) (?:for|on) us\b",
        "unanswered, open",
        "81 tickets wait for us.",
        "81 open tickets.",
    ),
    Rule(
        "promise",
        r"\b(?:un)?promise[sd]?\b",
        "SLA, target, SLA met",
        "Two promises were kept.",
        "The SLA was met twice.",
    ),
    Rule(
        "open-hours",
        r"\bopen (?:hours?|time|minutes)\b|\bby the clock\b",
        "business hours, calendar hours",
        "Within 8 open hours.",
        "Within 8 business hours.",
    ),
    Rule(
        "how-soon",
        r"\bhow soon\b|\banswer(?:ing)? times?\b",
        "response time",
        "How soon each side answers.",
        "Response time of each side.",
    ),
    Rule(
        "ask-again",
        r"\bask(?:s|ed|ing)? (?:us )?again\b",
        "chased us, follow up",
        "They had to ask again twice.",
        "They chased us twice.",
    ),
    Rule(
        "nearly-missed",
        r"\bnearly missed\b|\bnot ended\b",
        "near miss, open",
        "Nearly missed last",
        "Recent near misses",
    ),
    Rule(
        "they-wrote",
        r"\b(?:they|we) (?:wrote|write)\b",
        "Customer emails, Team emails",
        "They wrote",
        "Customer emails",
        kinds=LABELS,
    ),
    Rule(
        "kept",
        r"(?-i:(?<=\n)(?:Kept|Promise|Wait|Owed)(?=\n))",
        "Met, Target, Unanswered, Resolved",
        "Kept",
        "Met",
        kinds=LABELS,
    ),
    Rule(
        "all-of-it",
        r"\ball of it\b(?! is)",
        "View thread",
        "All of it",
        "View thread",
        kinds=frozenset({Kind.LABEL, Kind.TEMPLATE}),
    ),
)

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
        r"\bmails\b|\b(?:a|one|each|every|another|per|single|last|first|next) mail\b"
        r"(?! (?:server|servers|client|provider|providers|program|programs|merge|merges|system|metadata|volume|flow|"
        r"address|addresses|account|accounts|gateway|host|by|export|exports|archive|archives|export|data|is read|"
        r"traffic|folder|folders|file|files|store|service|carrier|domain|domains|history))",
        "email, emails",
        "She sent three mails.",
        "Mail by week, from mail servers; three emails.",
    ),
    Rule(
        "letter",
        r"(?<!lower-case\s)(?<!capital\s)(?<!drive\s)(?<!small\s)\bletters?\b"
        r"(?! or digit| and digit|, digit| of the alphabet)",
        "email, message",
        "A letter to the customer.",
        "An email to the customer.",
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

VOCABULARY = (*CHURN, *RESPONSES, *THINGS)
