"""Markdown, such as a model card, as part of a page: headings one level down, tables that scroll."""

import functools

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup


def section(text: str, *, below: int) -> Markup:
    """Return the text as HTML; markup in the text is escaped.

    Args:
        text: Markdown, whose title (its first heading) is left out.
        below: the level of the heading above the text.
    """
    reader = _reader()
    tokens = [_lowered(token, below) for token in _without_title(reader.parse(text))]
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704  # markup in it is escaped


@functools.cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.disable(["link", "image", "autolink"])
    reader.add_render_rule("table_open", lambda *_: '<div class="scroll" tabindex="0"><table class="list">\n')
    reader.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return reader


def _without_title(tokens: list[Token]) -> list[Token]:
    return tokens[3:] if tokens and tokens[0].type == "heading_open" else tokens


def _lowered(token: Token, below: int) -> Token:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{int(token.tag[1:]) + below - 1}"
    return token
