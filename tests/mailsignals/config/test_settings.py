import datetime as dt
from pathlib import Path

import pytest
from pydantic import ValidationError

from mailsignals.accounts import FREE_MAIL
from mailsignals.config import Settings, load_settings
from mailsignals.errors import UserError
from mailsignals.sla.calendars import OpenHours

LEAST = '[company]\nname = "Us"\ndomains = ["us.example"]\n'


def load(folder: Path, text: str) -> Settings:
    """The settings of the least configuration and this text, which starts on line 4."""
    file = folder / "config.toml"
    file.write_text(LEAST + text)
    return load_settings(file, environ={})


def problems(folder: Path, text: str) -> list[str]:
    """The lines of the error that this text ends in, without the file's name."""
    with pytest.raises(UserError) as error:
        load(folder, text)
    return [line.removeprefix(f"{folder}/config.toml") for line in str(error.value).splitlines()]


def test_the_company_is_what_the_sections_say(tmp_path: Path) -> None:
    """Domains, addresses and people make the company, in the form in which messages spell addresses."""
    company = load(
        tmp_path,
        'addresses = ["Desk@Lists.example"]\n[[people]]\naddress = "Ana+x@us.example"\nrole = "cs"\n'
        '[[people]]\naddress = "bo@ü.example"\n',
    ).our_company
    assert company.name == "Us"
    assert company.addresses == {"desk@lists.example"}
    assert company.roles == {"ana@us.example": "cs", "bo@xn--tda.example": "other"}
    assert company.is_own("bo@xn--tda.example")


def test_contact_forms_are_known_to_readers_of_mail(tmp_path: Path) -> None:
    """Forms need not be ours; with other ones, files are read again, and nobody else is internal."""
    plain = load(tmp_path, "").our_company
    company = load(tmp_path, 'forms = ["Web+x@us.example", "form@forms.test"]\n').our_company
    assert company.own.forms == {"web@us.example", "form@forms.test"}
    assert not company.is_own("form@forms.test")
    assert plain.reading_key == plain.key == company.key != company.reading_key


def test_a_contact_form_is_an_address(tmp_path: Path) -> None:
    """A name or a page is refused with file, line and key."""
    (found,) = problems(tmp_path, 'forms = ["the contact page"]\n')
    assert (
        found
        == ", line 4: company.forms[0]: 'the contact page' is not an address; use one such as ana@example.com."
    )


def test_gmail_addresses_have_one_spelling_and_mailboxes_keep_theirs(tmp_path: Path) -> None:
    """People are matched with messages, mailboxes with what is stored under them."""
    settings = load(
        tmp_path,
        'addresses = ["Kim.Lee@googlemail.com"]\n[gmail]\nmailboxes = ["Kim.Lee+x@gmail.com"]\n',
    )
    assert settings.company.addresses == ("kimlee@gmail.com",)
    assert settings.gmail.mailboxes == ("kim.lee@gmail.com",)


def test_free_mail_is_extended(tmp_path: Path) -> None:
    """Domains of accounts.free_mail come on top of the shipped ones."""
    settings = load(tmp_path, '[accounts]\nfree_mail = ["Mail.Example"]\n')
    assert settings.free_mail == FREE_MAIL | {"mail.example"}


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    """Settings are values: nobody can change them under somebody else."""
    with pytest.raises(ValidationError):
        load(tmp_path, "").risk.high_risk = 0.5  # type: ignore[misc]


def test_hours_and_holidays_are_parsed(tmp_path: Path) -> None:
    """Open hours become minutes of the day, up to 24:00; dates of holidays may be TOML dates or texts."""
    (calendar,) = load(
        tmp_path,
        '[calendars.night]\nmon = ["00:00-06:00", "06:00-07:30", "22:00-24:00"]\n'
        'holidays = [2026-12-25, "2026-12-26"]\n',
    ).calendars["night"]
    assert calendar.mon == (OpenHours(0, 360), OpenHours(360, 450), OpenHours(1320, 1440))
    assert calendar.tue == ()
    assert calendar.holidays == (dt.date(2026, 12, 25), dt.date(2026, 12, 26))


def test_calendars_and_tiers_have_versions(tmp_path: Path) -> None:
    """What stands several times, each with a day of its own, is one calendar or tier that changes."""
    settings = load(
        tmp_path,
        "[[tiers]]\nname = 'a'\nfirst_response_hours = 4\n"
        "[[tiers]]\nname = 'a'\nfrom = 2026-07-01\nfirst_response_hours = 2\n"
        "[[calendars.desk]]\nmon = ['09:00-17:00']\n"
        "[[calendars.desk]]\nfrom = 2026-07-01\nmon = ['08:00-17:00']\n[sla]\nclosing_after = '7d'\n",
    )
    assert settings.tier_names == ("a",)
    assert [version.since for version in settings.calendars["desk"]] == [None, dt.date(2026, 7, 1)]
    assert settings.sla.closing_after == dt.timedelta(days=7)


def test_urgency_words_take_one_form(tmp_path: Path) -> None:
    """Words are lower case with single spaces, and each stands once."""
    settings = load(tmp_path, '[signals]\nurgency_words = ["URGENT", "at  Once", "urgent "]\n')
    assert settings.signals.urgency_words == ("urgent", "at once")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "[risk]\nhigh_scor = 1",
            ", line 5: risk.high_scor: unknown key (did you mean high_risk?).",
        ),
        ("[rsik]\nhigh_risk = 1", ", line 4: rsik: unknown key (did you mean risk?)."),
        (
            "[risk]\nweights = { our = 1 }",
            ", line 5: risk.weights.our: unknown key (did you mean ours?).",
        ),
        ("[risk]\nhigh_risk = 1.0", ", line 5: risk.high_risk: 1.0 should be less than 1."),
        ("[risk]\nmin_touches = true", ", line 5: risk.min_touches: True should be a valid integer."),
        (
            "[signals]\nreply_horizon_days = '7'",
            ", line 5: signals.reply_horizon_days: '7' should be a valid integer.",
        ),
        (
            "[signals]\nurgency_words = ['x', ' ']",
            ", line 5: signals.urgency_words[1]: ' ' must not be empty.",
        ),
        (
            "[signals]\nmail_merge_accounts = 1",
            (
                ", line 5: signals.mail_merge_accounts: 1 would ignore every email that starts a thread; "
                "use 2 or more, or 0 for never."
            ),
        ),
        (
            "[risk.weights]\nactivity=0\nresponse=0\nbreadth=0\nfriction=0\nours=0",
            ", line 4: risk.weights: all weights are 0, so accounts can't be ranked; raise one of them.",
        ),
        (
            "timezone = 'Europe/Berln'",
            (", line 4: company.timezone: 'Europe/Berln' is not a time zone (did you mean Europe/Berlin?)."),
        ),
        (
            "timezone = '../x'",
            ", line 4: company.timezone: '../x' is not a time zone such as Europe/Berlin or UTC.",
        ),
        (
            "[store]\npath = 's3://a/b'",
            ", line 5: store.path: 's3://a/b' is an address; use a path on this machine.",
        ),
        (
            "[accounts]\nfree_mail = ['x']",
            (
                ", line 5: accounts.free_mail[0]: 'x' is not a domain; use one such as example.com, "
                "which includes its subdomains."
            ),
        ),
        (
            "[[people]]\naddress = 'ana'",
            ", line 5: people[0].address: 'ana' is not an address; use one such as ana@example.com.",
        ),
        (
            "[[people]]\naddress = 'a@us.example'\nrole = 'boss'",
            ", line 6: people[0].role: 'boss' should be 'cs', 'support' or 'other'.",
        ),
        (
            "[[people]]\naddress = 'a@us.example'\n[[people]]\naddress = 'A+x@us.example'",
            ", line 7: people[1].address: a@us.example is in people twice; remove one, as an address has one role.",
        ),
        (
            "[[people]]\naddress = 'a@us.example'\n[[people]]\naddress = 'b@us.example'\naliases = ['A@us.example']",
            (
                ", line 8: people[1].aliases[0]: a@us.example is also an address of a@us.example; "
                "remove one, because an address belongs to one person."
            ),
        ),
        (
            (
                "[[people]]\naddress = 'a@us.example'\naliases = ['x@old.example']\n"
                "[[people]]\naddress = 'b@us.example'\naliases = ['X@old.example']"
            ),
            (
                ", line 9: people[1].aliases[0]: x@old.example is also an address of a@us.example; "
                "remove one, because an address belongs to one person."
            ),
        ),
        (
            "[[tiers]]\nname = 'a'\n[[tiers]]\nname = 'a'",
            ", line 7: tiers[1].name: two tiers are named 'a'; rename or remove one, or set a different `from`.",
        ),
        (
            "[[tiers]]\nname = 'a'\ncalendar = 'ofice'\n[calendars.office]\nmon = ['09:00-17:00']",
            ", line 6: tiers[0].calendar: [calendars.ofice] does not exist (did you mean office?).",
        ),
        (
            "[[tiers]]\nname = 'a'\nfirst_response_hours = 0",
            ", line 6: tiers[0].first_response_hours: 0 should be greater than 0.",
        ),
        (
            "[calendars.a]\n",
            ", line 4: calendars.a: the calendar has no business hours; add hours to at least one day.",
        ),
        (
            "[calendars.a]\nmon = ['9-17']",
            ", line 5: calendars.a.mon: '9-17' is not a period of hours; use one such as '09:00-17:30'.",
        ),
        (
            "[calendars.a]\nmon = '09:00-17:00'",
            ', line 5: calendars.a.mon: must be a list such as ["09:00-12:00", "13:00-17:30"].',
        ),
        (
            "[calendars.a]\nmon = ['13:00-17:00', '09:00-12:00']",
            ", line 5: calendars.a.mon: the periods must be in order, without overlap.",
        ),
        (
            "[calendars.a]\nmon = ['22:00-06:00']",
            ", line 5: calendars.a.mon: '22:00-06:00' ends before it begins",
        ),
        ("[calendars.a]\nmon = ['20:00-24:30']", ", line 5: calendars.a.mon: '20:00-24:30' is not a period"),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nholidays = 'Germany'",
            (
                ", line 6: calendars.a.holidays: 'Germany' is not a country with known holidays. "
                "Use an ISO code such as DE, or a list of dates."
            ),
        ),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nholidays = 'DE-XX'",
            ", line 6: calendars.a.holidays: DE has no part 'XX'. Use DE-BB",
        ),
        (
            "[[calendars.a]]\nmon = ['9-17']\n[[calendars.a]]\nfrom = 2026-01-01\nmon = ['09:00-17:00']",
            ", line 5: calendars.a[0].mon: '9-17' is not a period of hours; use one such as '09:00-17:30'.",
        ),
        (
            "[[calendars.a]]\nmon = ['09:00-17:00']\n[[calendars.a]]\nmon = ['09:00-17:00']",
            ", line 4: calendars.a: more than one of its tables has no `from`; set a different day for each.",
        ),
        (
            "[[tiers]]\nname = 'a'\nfrom = 'soon'",
            ", line 6: tiers[0].from: 'soon' is not a date; use one such as 2026-12-25.",
        ),
        (
            "[[tiers]]\nname = 'a'\nfrom = 2026-01-01\n[[tiers]]\nname = 'a'\nfrom = 2026-01-01",
            ", line 8: tiers[1].name: two tiers are named 'a' from 2026-01-01 on; rename or remove one",
        ),
        (
            "[[tiers]]\nname = 'no target'",
            ", line 5: tiers[0].name: 'no target' is reserved for accounts without SLA targets; rename the tier.",
        ),
        (
            "[sla]\nclosing_after = 'soon'",
            """, line 5: sla.closing_after: 'soon' is not a duration; use one such as "72h" or "7d", or "" for off.""",
        ),
        ("[sla]\nresolve_after_hours = 0", ", line 5: sla.resolve_after_hours: 0 should be greater than 0."),
        (
            "[calendars.a]\nmon = ['09:00-17:00']\nholidays = ['25.12.2026']",
            ", line 6: calendars.a.holidays: '25.12.2026' is not a date; use one such as 2026-12-25.",
        ),
    ],
)
def test_a_wrong_value_names_line_key_and_what_is_wanted(tmp_path: Path, text: str, found: str) -> None:
    """Each wrong value or key is refused with its line, its key, what was given and what is wanted."""
    (problem,) = problems(tmp_path, text)
    assert problem.startswith(found)


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Several problems are one error, a line each."""
    assert [
        line.split(": ")[:2] for line in problems(tmp_path, "[risk]\nhigh_risk = 'x'\n[store]\npath = 1\n")
    ] == [
        [", line 5", "risk.high_risk"],
        [", line 7", "store.path"],
    ]


def test_many_problems_are_cut_at_twenty(tmp_path: Path) -> None:
    """Twenty problems are shown, and how many more there are."""
    found = problems(tmp_path, "[risk]\n" + "".join(f"key_{n} = 1\n" for n in range(25)))
    assert len(found) == 21
    assert found[-1] == ": 5 more problems are not shown."


def test_a_company_needs_something_of_its_own(tmp_path: Path) -> None:
    """Without domains and addresses nothing would be internal."""
    file = tmp_path / "config.toml"
    file.write_text('[company]\nname = "Us"\ndomains = []\n')
    with pytest.raises(UserError, match="line 1: company: no domains and no addresses"):
        load_settings(file, environ={})
