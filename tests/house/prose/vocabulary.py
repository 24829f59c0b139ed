"""Rules of vocabulary: the field's own words for churn and responses."""

from tests.house.prose.objects import THINGS
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
        r"\bnot now:",
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

VOCABULARY = (*CHURN, *RESPONSES, *THINGS)
