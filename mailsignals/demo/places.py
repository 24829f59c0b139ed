"""Places of work: time zones, languages, public holidays, and quiet months."""

import dataclasses
import datetime as dt
from collections.abc import Mapping

NEW_YEAR, EPIPHANY, LABOUR_DAY, ASSUMPTION, ALL_SAINTS = (1, 1), (1, 6), (5, 1), (8, 15), (11, 1)
CHRISTMAS, BOXING_DAY = (12, 25), (12, 26)
GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI = -2, 1, 39, 50, 60

NORTHERN_SUMMER = {7: 0.75, 8: 0.7}
SOUTHERN_SUMMER = {1: 0.6, 12: 0.85}
LONG_AUGUST = {7: 0.8, 8: 0.45}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Place:
    """A country, or one time zone of a large one."""

    zone: str
    names: str
    """Pool of names for its people."""
    language: str
    """Language of subjects that are not in English."""
    share: float
    """Share of firms at this place."""
    fixed: tuple[tuple[int, int], ...] = (NEW_YEAR, CHRISTMAS)
    """Month and day of holidays."""
    from_easter: tuple[int, ...] = ()
    """Days after Easter Sunday."""
    floating: tuple[tuple[int, int, int], ...] = ()
    """Month, ISO weekday and which one of the month (-1: the last)."""
    months: Mapping[int, float] = dataclasses.field(default_factory=lambda: NORTHERN_SUMMER)
    """Factor on activity by month, where it is not 1."""


_GERMAN = (NEW_YEAR, LABOUR_DAY, (10, 3), CHRISTMAS, BOXING_DAY)
_GERMAN_EASTER = (GOOD_FRIDAY, EASTER_MONDAY, ASCENSION, WHIT_MONDAY)
_BRITISH_FLOATING = ((5, 1, 1), (5, 1, -1), (8, 1, -1))
_AMERICAN = (NEW_YEAR, (6, 19), (7, 4), (11, 11), CHRISTMAS)
_AMERICAN_FLOATING = ((1, 1, 3), (2, 1, 3), (5, 1, -1), (9, 1, 1), (11, 4, 4), (11, 5, 4))
_AMERICAN_SUMMER = {7: 0.85, 8: 0.9}


def _american(zone: str, share: float) -> Place:
    return Place(
        zone=zone,
        names="english",
        language="en",
        share=share,
        fixed=_AMERICAN,
        floating=_AMERICAN_FLOATING,
        months=_AMERICAN_SUMMER,
    )


HOME = Place(
    zone="Europe/Berlin",
    names="german",
    language="de",
    share=0.22,
    fixed=_GERMAN,
    from_easter=_GERMAN_EASTER,
)
"""Place of the simulated company."""

PLACES = (
    HOME,
    Place(
        zone="Europe/Vienna",
        names="german",
        language="de",
        share=0.05,
        fixed=(
            NEW_YEAR,
            EPIPHANY,
            LABOUR_DAY,
            ASSUMPTION,
            (10, 26),
            ALL_SAINTS,
            (12, 8),
            CHRISTMAS,
            BOXING_DAY,
        ),
        from_easter=(EASTER_MONDAY, ASCENSION, WHIT_MONDAY, CORPUS_CHRISTI),
    ),
    Place(
        zone="Europe/Paris",
        names="french",
        language="fr",
        share=0.08,
        fixed=(NEW_YEAR, LABOUR_DAY, (5, 8), (7, 14), ASSUMPTION, ALL_SAINTS, (11, 11), CHRISTMAS),
        from_easter=(EASTER_MONDAY, ASCENSION, WHIT_MONDAY),
        months=LONG_AUGUST,
    ),
    Place(
        zone="Europe/London",
        names="english",
        language="en",
        share=0.14,
        fixed=(NEW_YEAR, CHRISTMAS, BOXING_DAY),
        from_easter=(GOOD_FRIDAY, EASTER_MONDAY),
        floating=_BRITISH_FLOATING,
        months={7: 0.9, 8: 0.8},
    ),
    Place(
        zone="Europe/Madrid",
        names="spanish",
        language="es",
        share=0.06,
        fixed=(NEW_YEAR, EPIPHANY, LABOUR_DAY, ASSUMPTION, (10, 12), ALL_SAINTS, (12, 6), (12, 8), CHRISTMAS),
        from_easter=(GOOD_FRIDAY,),
        months=LONG_AUGUST,
    ),
    Place(
        zone="Europe/Warsaw",
        names="polish",
        language="pl",
        share=0.05,
        fixed=(
            NEW_YEAR,
            EPIPHANY,
            LABOUR_DAY,
            (5, 3),
            ASSUMPTION,
            ALL_SAINTS,
            (11, 11),
            CHRISTMAS,
            BOXING_DAY,
        ),
        from_easter=(EASTER_MONDAY, CORPUS_CHRISTI),
    ),
    Place(
        zone="Europe/Stockholm",
        names="nordic",
        language="sv",
        share=0.06,
        fixed=(NEW_YEAR, EPIPHANY, LABOUR_DAY, (6, 6), (12, 24), CHRISTMAS, BOXING_DAY),
        from_easter=(GOOD_FRIDAY, EASTER_MONDAY, ASCENSION),
        months={7: 0.4, 8: 0.85},
    ),
    _american("America/New_York", 0.12),
    _american("America/Chicago", 0.05),
    _american("America/Los_Angeles", 0.06),
    Place(
        zone="America/Sao_Paulo",
        names="portuguese",
        language="en",
        share=0.03,
        fixed=(NEW_YEAR, (4, 21), LABOUR_DAY, (9, 7), (10, 12), (11, 2), (11, 15), CHRISTMAS),
        from_easter=(-48, -47, GOOD_FRIDAY, CORPUS_CHRISTI),
        months=SOUTHERN_SUMMER,
    ),
    Place(
        zone="Asia/Kolkata",
        names="indian",
        language="en",
        share=0.04,
        fixed=((1, 26), (8, 15), (10, 2), CHRISTMAS),
        months={},
    ),
    Place(
        zone="Asia/Tokyo",
        names="japanese",
        language="en",
        share=0.02,
        fixed=(NEW_YEAR, (1, 2), (1, 3), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23)),
        floating=((1, 1, 2), (7, 1, 3), (9, 1, 3), (10, 1, 2)),
        months={8: 0.85},
    ),
    Place(
        zone="Australia/Sydney",
        names="english",
        language="en",
        share=0.02,
        fixed=(NEW_YEAR, (1, 26), (4, 25), CHRISTMAS, BOXING_DAY),
        from_easter=(GOOD_FRIDAY, EASTER_MONDAY),
        floating=((6, 1, 2), (10, 1, 1)),
        months=SOUTHERN_SUMMER,
    ),
)


def easter(year: int) -> dt.date:
    """Return Easter Sunday, by the Gregorian algorithm of Meeus, Jones and Butcher (Nature, 20 April 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, day = divmod(h + weekday - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


def _floating(year: int, *, month: int, weekday: int, which: int) -> dt.date:
    """Return the ``which``-th ISO weekday of a month; -1 is the last."""
    if which > 0:
        first = dt.date(year, month, 1)
        return first + dt.timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (which - 1))
    last = (dt.date(year, month, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return last - dt.timedelta(days=(last.isoweekday() - weekday) % 7)


def holidays(place: Place, year: int) -> list[dt.date]:
    """Return the public holidays of a place in one year."""
    sunday = easter(year)
    return [
        *(dt.date(year, month, day) for month, day in place.fixed),
        *(sunday + dt.timedelta(days=days) for days in place.from_easter),
        *(_floating(year, month=month, weekday=day, which=which) for month, day, which in place.floating),
    ]
