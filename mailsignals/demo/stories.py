"""The story of each account: its start, turn and churn, and its behaviour from week to week."""

import dataclasses
import enum

import numpy as np
import numpy.typing as npt

from mailsignals.demo.paces import ANSWERS, SILENT, UNANSWERED, Paces
from mailsignals.demo.rhythm import Flags, Floats

DAYS = 730
"""Length of the simulated history."""
ENTERED_LATE = 0.45
"""Share of churns that are entered in the account list one to eight weeks after the fact."""
DAYS_AHEAD = 150
"""Number of days after the end within which churn may already show."""
ACTIVITY_NOISE = 0.25
"""Standard deviation of the random monthly variation of a firm's mail, as a logarithm."""
WEEKS = DAYS // 7 + 1


class Story(enum.StrEnum):
    """The hidden truth about one account."""

    FADES = "fades"
    GETS_LOUD = "gets_loud"
    NO_SIGN = "no_sign"
    LOSES_CHAMPION = "loses_champion"
    QUIET_STAYS = "quiet_stays"
    BUSY_STAYS = "busy_stays"
    STARTS_LATER = "starts_later"
    SEASONAL = "seasonal"
    LAPSES = "lapses"
    """Writes nothing for months and remains a customer; most write again."""
    STEADY = "steady"
    PROSPECT = "prospect"
    """Writes for some weeks, and is not in the account list."""


SHARES = {
    Story.FADES: 0.125,
    Story.GETS_LOUD: 0.06,
    Story.NO_SIGN: 0.04,
    Story.LOSES_CHAMPION: 0.045,
    Story.QUIET_STAYS: 0.09,
    Story.BUSY_STAYS: 0.08,
    Story.STARTS_LATER: 0.13,
    Story.SEASONAL: 0.08,
    Story.LAPSES: 0.08,
}
"""Shares of the accounts; the rest are steady."""

LEAVING = (Story.FADES, Story.GETS_LOUD, Story.NO_SIGN, Story.LOSES_CHAMPION)
"""Stories that end in churn: 27% over two years and 150 days, about 12% per year."""
LIVELY = (Story.GETS_LOUD, Story.LOSES_CHAMPION)
"""The stories that little mail would not show: such firms write daily or weekly."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class LifePlan:
    """The course of each firm, one row per firm; all times are days since the origin."""

    story: npt.NDArray[np.str_]
    started: Floats
    turning: Floats
    """When the story begins to show; nan where it never does."""
    over: Floats
    """When an episode ends for those who stay; nan without one."""
    leaves: Floats
    """Infinite for those who stay."""
    entered: Floats
    """The day on which the churn is entered in the account list; infinite for those who stay, and for prospects."""
    strength: Floats
    """Strength of its effects, around 1."""

    def tells(self, story: Story) -> Flags:
        """Return for each firm whether it has this story."""
        return np.asarray(self.story == story.value)

    def slowed(self, factor: Floats) -> "LifePlan":
        """Return the lives with stories that begin to show ``factor`` times as long before the churn."""
        leaving = np.isin(self.story, [told.value for told in LEAVING])
        notice = (np.where(leaving, self.leaves, 0.0) - self.turning) * factor
        return dataclasses.replace(
            self, turning=np.floor(np.where(leaving, self.leaves - notice, self.turning))
        )


def _cast(accounts: int, prospects: int, rng: np.random.Generator) -> list[Story]:
    """Return the stories in the configured shares, shuffled; prospects follow the accounts."""
    told = [story for story, share in SHARES.items() for _ in range(round(share * accounts))][:accounts]
    told += [Story.STEADY] * (accounts - len(told))
    return [*(told[n] for n in rng.permutation(accounts)), *([Story.PROSPECT] * prospects)]


def _evenly(story: npt.NDArray[np.str_], rng: np.random.Generator) -> Floats:
    """Return numbers from 0 to 1, spread evenly over the firms that share a story."""
    spread = np.empty(len(story))
    for name in np.unique(story):
        among = np.flatnonzero(story == name)
        spread[among] = (rng.permutation(len(among)) + rng.random(len(among))) / len(among)
    return spread


def life_plan(accounts: int, prospects: int, rng: np.random.Generator) -> LifePlan:
    """Return the story of each firm and its times in days, one row per firm.

    Contracts are yearly, and three of four churned customers end theirs at a renewal. So their first day is a whole
    number of years before their last one.
    """
    story = np.array([told.value for told in _cast(accounts, prospects, rng)])
    count = len(story)
    leaving = np.isin(story, [told.value for told in LEAVING])
    leaves = np.where(leaving, np.floor(75 + (DAYS + DAYS_AHEAD - 75) * _evenly(story, rng)), np.inf)
    notice = np.select(
        [story == Story.FADES, story == Story.GETS_LOUD, story == Story.LOSES_CHAMPION],
        [rng.uniform(90, 210, count), rng.uniform(60, 130, count), rng.uniform(75, 180, count)],
        default=np.nan,
    )
    episodes = np.isin(story, [Story.QUIET_STAYS.value, Story.BUSY_STAYS.value])
    begins, length = rng.uniform(60, DAYS - 30, count), rng.uniform(60, 200, count)
    forever = (story == Story.QUIET_STAYS) & (rng.random(count) < 0.5)

    started = np.floor(-rng.uniform(30, 2200, count))
    at_renewal = rng.random(count) < 0.75
    years = rng.integers(1, 6, count)
    last_day = np.where(leaving, leaves, 0.0)
    started = np.where(
        leaving, np.where(at_renewal, last_day - np.round(365.25 * years), last_day - 200 + started), started
    )
    started = np.where(story == Story.STARTS_LATER, np.floor(rng.uniform(40, DAYS - 60, count)), started)
    prospect = story == Story.PROSPECT
    started = np.where(prospect, np.floor(rng.uniform(0, DAYS - 10, count)), started)
    over = np.where(episodes, np.where(forever, np.inf, begins + length), np.nan)
    leaves = np.where(prospect, started + np.floor(rng.uniform(10, 120, count)), leaves)
    strength = rng.uniform(0.75, 1.3, count)

    # Every other lapse is recent, so that some accounts are silent at the end.
    recent = _evenly(story, rng) < 0.5
    stops = np.where(recent, rng.uniform(DAYS - 300, DAYS - 100, count), rng.uniform(60, DAYS - 350, count))
    lasts = np.where(rng.random(count) < 0.3, np.inf, rng.uniform(110, 330, count))
    lapses = story == Story.LAPSES
    late = np.where(rng.random(count) < ENTERED_LATE, np.floor(rng.uniform(7, 56, count)), 0.0)
    turning = np.where(leaving, leaves - notice, np.where(episodes, begins, np.nan))
    return LifePlan(
        story=story,
        started=started,
        turning=np.floor(np.where(lapses, stops, turning)),
        over=np.where(lapses, stops + lasts, over),
        leaves=leaves,
        entered=np.where(prospect, np.inf, leaves + late),
        strength=strength,
    )


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Moods:
    """The behaviour of each firm in each week as factors of its usual self, firms x weeks."""

    activity: Floats
    """Amount of mail."""
    answering: Floats
    """Readiness to reply."""
    slowness: Floats
    """Time to reply."""
    heat: Floats
    """Impatience and loudness."""
    neglect: Floats
    """Time of the team to reply."""


def _drift(count: int, rng: np.random.Generator) -> Floats:
    """Return slow random variation around 0 that is unrelated to churn, firms x weeks."""
    steps = rng.normal(0.0, 1.0, (count, WEEKS))
    level = steps[:, 0]
    weeks = [level]
    for week in range(1, WEEKS):
        level = 0.9 * level + np.sqrt(1 - 0.81) * steps[:, week]
        weeks.append(level)
    return np.stack(weeks, axis=1)


def _spells(count: int, rng: np.random.Generator, *, yearly: float, weeks: int) -> Flags:
    """Return weeks within spells of that length and frequency, firms x weeks."""
    begins = rng.random((count, WEEKS)) < yearly / 52
    return np.stack(
        [begins[:, max(0, week - weeks + 1) : week + 1].any(axis=1) for week in range(WEEKS)], axis=1
    )


def moods(told: LifePlan, paces: Paces, rng: np.random.Generator) -> Moods:
    """Return the behaviour that stories and paces cause, with the noise that every firm has."""
    count = len(told.story)
    day = np.arange(WEEKS) * 7 + 3.5
    strength = told.strength[:, None]

    def share(story: Story, amount: Floats) -> Floats:
        """Return the amount times the story's strength for firms with that story; 0 for others."""
        return np.where(told.tells(story)[:, None], amount * strength, 0.0)

    turning = told.turning[:, None]
    gone = np.nan_to_num(np.clip((day - turning) / (told.leaves[:, None] - turning), 0.0, 1.0))
    rising = np.clip((day - turning) / 28, 0.0, 1.0)
    falling = np.clip((told.over[:, None] - day) / 28, 0.0, 1.0)
    episode = np.nan_to_num(np.minimum(rising, falling))
    lapsed = told.tells(Story.LAPSES)[:, None] & (day >= turning) & (day < told.over[:, None])
    silent = paces.silent | lapsed
    left = np.nan_to_num(np.clip((day - turning) / 14, 0.0, 1.0))
    new = np.clip(1 - (day - told.started[:, None]) / 70, 0.0, 1.0) * (day >= told.started[:, None])
    peak = rng.uniform(0.0, DAYS, (count, 1))
    season = np.cos(2 * np.pi * (day - peak) / 365.25)
    giving_up = np.clip((gone - 0.5) / 0.5, 0.0, 1.0)

    pause = _spells(count, rng, yearly=0.3, weeks=5)
    incident = _spells(count, rng, yearly=0.5, weeks=3)
    busy_here = _spells(count, rng, yearly=0.5, weeks=4)

    activity = (
        ACTIVITY_NOISE * _drift(count, rng)
        - 1.0 * pause
        + 0.3 * incident
        + 0.7 * new
        - share(Story.FADES, 1.9 * gone**0.7)
        + share(Story.GETS_LOUD, 0.3 * np.minimum(1.0, 3 * gone) - 1.6 * giving_up)
        - share(Story.LOSES_CHAMPION, 0.7 * left + 0.7 * gone)
        - share(Story.QUIET_STAYS, 1.0 * episode)
        + share(Story.BUSY_STAYS, 0.8 * episode)
        + share(Story.SEASONAL, 0.6 * season)
        + paces.bursts
        + SILENT * silent
    )
    answering = (
        0.25 * _drift(count, rng)
        - share(Story.FADES, 2.8 * gone**0.6)
        - share(Story.LOSES_CHAMPION, 1.5 * left)
        + ANSWERS[paces.pace][:, None]
        + UNANSWERED * silent
    )
    slowness = (
        0.25 * _drift(count, rng)
        + share(Story.FADES, 2.4 * gone**0.6)
        + share(Story.LOSES_CHAMPION, 1.2 * left)
        + share(Story.QUIET_STAYS, 0.3 * episode)
    )
    heat = (
        0.35 * _drift(count, rng)
        + 1.0 * incident
        + 0.3 * new
        + share(Story.GETS_LOUD, 2.6 * np.minimum(1.0, 3 * gone))
        + share(Story.BUSY_STAYS, 0.6 * episode)
    )
    neglect = (
        0.25 * _drift(count, rng) + 0.9 * busy_here + share(Story.GETS_LOUD, 0.6 * np.minimum(1.0, 2 * gone))
    )
    return Moods(
        activity=np.exp(activity),
        answering=np.exp(answering),
        slowness=np.exp(slowness),
        heat=np.exp(heat),
        neglect=np.exp(neglect),
    )
