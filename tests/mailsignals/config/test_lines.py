from mailsignals.config.source_lines import line_of, lines_of

TEXT = """\
[company]
name = "x"  # [risk]
"quoted key" = 1
dotted.key = 2

[[tiers]]
name = "a"
[[tiers]]
name = "b"
[tiers.inner]
x = 1
[ calendars . "my office" ]
mon = [
    "09:00-12:00",
]
"""


def test_every_key_has_its_line() -> None:
    """Tables, entries of lists of tables, quoted, dotted and nested keys are found where they begin."""
    assert lines_of(TEXT) == {
        ("company",): 1,
        ("company", "name"): 2,
        ("company", "quoted key"): 3,
        ("company", "dotted"): 4,
        ("company", "dotted", "key"): 4,
        ("tiers",): 6,
        ("tiers", 0): 6,
        ("tiers", 0, "name"): 7,
        ("tiers", 1): 8,
        ("tiers", 1, "name"): 9,
        ("tiers", 1, "inner"): 10,
        ("tiers", 1, "inner", "x"): 11,
        ("calendars", "my office"): 12,
        ("calendars", "my office", "mon"): 13,
    }


def test_a_key_that_has_no_line_takes_that_of_its_table() -> None:
    """An entry of a list, or a key that is missing, is shown at the nearest thing around it."""
    lines = lines_of(TEXT)
    assert line_of(("calendars", "my office", "mon", 0), lines) == 13
    assert line_of(("tiers", 1, "resolution_hours"), lines) == 8
    assert line_of(("nowhere",), lines) is None
