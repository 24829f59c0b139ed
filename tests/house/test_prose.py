"""The rules of wording find what they are for, in every kind of text that people read."""

from pathlib import Path

import pytest

from tests.house.conftest import ROOT
from tests.house.prose import code, markdown, templates
from tests.house.prose.__main__ import counts, main
from tests.house.prose.linter import RULES, Finding, lint, lint_lengths, long_sentences
from tests.house.prose.passage import Kind, Passage
from tests.house.prose.rule import Rule
from tests.house.prose.sources import pages, passages

HERE = Path("page.md")


def rules_broken(text: str, kind: Kind) -> set[str]:
    """Return the names of the rules that a text breaks."""
    return {found.rule for found in lint([Passage(HERE, 1, kind, text)])}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_its_sample_and_leaves_a_good_sentence(rule: Rule) -> None:
    """The bad sample is found on a surface of the rule, and the good one breaks no rule at all."""
    kind = min(rule.kinds, key=lambda each: each.value)
    assert rule.name in rules_broken(rule.bad, kind)
    assert rules_broken(rule.good, kind) == set()


def test_a_rule_is_for_its_surfaces_alone() -> None:
    """A label may not ask a question; a page may, and a private docstring may begin with any word."""
    assert "label-opening" in rules_broken("How it works", Kind.LABEL)
    assert rules_broken("How it works", Kind.DOCS) == set()
    assert rules_broken("Whether it works.", Kind.DOCSTRING) == {"opening"}
    assert rules_broken("Whether it works.", Kind.PRIVATE) == set()


def test_rules_have_names_of_their_own() -> None:
    """A rule is enabled by its name, so no two share one."""
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_a_phrase_is_found_across_a_line_end() -> None:
    """A sentence that is wrapped breaks a rule like one that is not, and its first line is named."""
    (found,) = lint([Passage(HERE, 7, Kind.DOCS, "Here.\n\nIt was set\naside.")])
    assert (found.line, found.rule, found.phrase) == (9, "set-aside", "set aside")


def test_a_finding_names_place_phrase_and_better_words() -> None:
    """One line each, so that an editor can follow it."""
    found = Finding(HERE, 3, "left", "who left", "churned")
    assert str(found) == "page.md:3: who left → churned"


def test_checks_of_proselint_run_beside_ours() -> None:
    """The linter's own word lists count too, and find whole words only."""
    assert rules_broken("This is a very unique idea.", Kind.DOCS) == {"weasel_words.very"}
    assert rules_broken("Keep it for ever; a list for every account.", Kind.DOCS) == {"archaism"}
    assert rules_broken("A list for every account, perchance.", Kind.DOCS) == {"archaism"}


def test_lines_stay_right_in_the_second_file() -> None:
    """Passages are read together, and each finding is given back to its file and line."""
    found = lint(
        [
            Passage(Path("a.md"), 1, Kind.DOCS, "Fine.\nFine."),
            Passage(Path("b.md"), 4, Kind.DOCS, "Fine.\nTo whom."),
        ]
    )
    assert [(each.file.name, each.line) for each in found] == [("b.md", 5)]


def test_code_and_addresses_are_not_prose() -> None:
    """Fences, inline code, link targets and tags are left out; the text of a link is read."""
    page = "# A\n\n`owe` [owed](owed.md) <b>due</b>\n\n```\nwhoever\n```\n"
    assert {found.phrase for found in lint([Passage(HERE, 1, Kind.DOCS, markdown.prose(page))])} == {"owed"}


def test_sentences_of_a_page_are_counted_by_words() -> None:
    """Cells and list items are apart, and a piece of code is one word."""
    page = (
        "# Heading\n\nOne two three.\nuv is. One two three. Four `five six` seven\neight.\n\n"
        "- nine ten\n- eleven\n\n| a b | c |\n|---|---|\n"
    )
    assert [(line, markdown.word_count(text)) for line, text in markdown.sentences(page)] == [
        (1, 1),
        (3, 3),
        (4, 2),
        (4, 3),
        (4, 4),
        (7, 2),
        (8, 1),
        (10, 2),
        (10, 1),
    ]


def test_a_long_sentence_is_found_and_the_longest_is_listed_first(tmp_path: Path) -> None:
    """More than 25 words break the rule; the list shows shorter ones too."""
    (tmp_path / HERE).write_text(
        f"Short one.\nA {'word ' * 24}word.\nA {'word ' * 23}word.\n", encoding="utf-8"
    )
    (found,) = lint_lengths(tmp_path, [HERE])
    assert (found.line, found.phrase.partition(":")[0]) == (2, "26 words")
    assert [row[0] for row in long_sentences(tmp_path, [HERE], above=0)] == [26, 25, 2]


def test_templates_are_read_without_tags_and_expressions(tmp_path: Path) -> None:
    """Text, labels, attributes, texts in expressions and comments are apart, each with its line."""
    file = Path("a.html.j2")
    (tmp_path / file).write_text(
        '{# said of whom #}\n<th class="num">Sender</th>\n<p title="All of it">In {{ n }} <b>days</b></p>\n'
        '{{ head("Not ended yet") }}\n<code>owe</code>\n',
        encoding="utf-8",
    )
    found = [
        (each.kind, each.line, " ".join(each.text.split())) for each in templates.passages(tmp_path, file)
    ]
    assert found == [
        (Kind.COMMENT, 1, "said of whom"),
        (Kind.TEMPLATE, 4, "Not ended yet"),
        (Kind.TEMPLATE, 3, "All of it"),
        (Kind.LABEL, 2, "Sender"),
        (Kind.TEMPLATE, 1, "Sender In XXXXXXX days XXXXXXXXXXXXXXXXXXXXXXXXXXX"),
    ]


def test_python_is_read_by_what_a_text_is_for(tmp_path: Path) -> None:
    """Help, messages, docstrings and comments are apart; SQL, single words and directives are left out."""
    file = Path("cli") / "a.py"
    (tmp_path / "cli").mkdir()
    (tmp_path / file).write_text(
        '"""A module."""\n'
        "\n"
        "# A remark\n"
        "# of two lines\n"
        "from x import y  # noqa: F401\n"
        'SQL = "SELECT a FROM b"\n'
        "\n"
        "def a_command(b=Option(help='Show the list.')):\n"
        '    """Show it."""\n'
        "    raise UserError(f\"{b}: unknown account '{b}'\")\n"
        "\n"
        "def _private():\n"
        '    """Whether so."""\n',
        encoding="utf-8",
    )
    found = {(each.kind, each.line, each.text) for each in code.passages(tmp_path, file)}
    assert found == {
        (Kind.DOCSTRING, 1, "A module."),
        (Kind.COMMENT, 3, "A remark\nof two lines"),
        (Kind.HELP, 8, "Show the list."),
        (Kind.HELP, 9, "Show it."),
        (Kind.MESSAGE, 10, "X: unknown account 'X'"),
        (Kind.PRIVATE, 13, "Whether so."),
    }


def test_names_of_arguments_are_not_prose(tmp_path: Path) -> None:
    """An argument may be called by a word that a sentence avoids; its description may not use it."""
    file = Path("a.py")
    (tmp_path / file).write_text(
        'def f(mails, promises):\n    """Do.\n\n    Args:\n        mails: of a day.\n'
        '        promises: as promised.\n    """\n',
        encoding="utf-8",
    )
    assert [found.phrase for found in lint(code.passages(tmp_path, file))] == ["promised"]


def test_comments_of_configuration_are_read(tmp_path: Path) -> None:
    """A hash sign within a value begins no comment, and lines keep their numbers."""
    (tmp_path / "a.toml").write_text('# One\nkey = "#red"  # Two\nother = 1\n', encoding="utf-8")
    (found,) = code.hash_comments(tmp_path, Path("a.toml"))
    assert found.text.split("\n") == ["One", "Two", ""]


def test_every_surface_is_read() -> None:
    """The project has passages of each kind, and its pages are all of README, docs and connectors."""
    below = ("README.md", "config.example.toml", "mailsignals/cli/commands/", "mailsignals/web/templates/")
    found = list(passages(ROOT, below=below))
    assert {each.kind for each in found} == set(Kind)
    assert {each.file.as_posix().startswith(below) for each in found} == {True}
    assert {"README.md", "docs/glossary.md", "connectors/README.md"} <= {
        each.as_posix() for each in pages(ROOT)
    }


def test_the_command_prints_findings_counts_and_the_longest_sentences(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its exit status is 0 only where nothing is found."""
    assert main(["no/such/folder"]) == 0
    assert capsys.readouterr().err == "0 findings in 0 files\n"
    assert main(["--for-users", "tests/no", "no/such/folder"]) == 0
    capsys.readouterr()
    assert main(["--longest", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    lines = list(counts([Finding(Path("docs/a/b.md"), 1, "owe", "owed", "due")]))
    assert lines == ["-- by rule", "    1 owe", "-- by surface", "    1 docs", "-- by room", "    1 docs/a"]
