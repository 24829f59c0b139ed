"""Markdown of ours, such as a model's card, as a part of a page: headings one step down, tables that scroll."""

import functools

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup


def section(text: str, *, below: int) -> Markup:
    """The text as elements; whatever in it looks like markup of its own is shown as it is written.

    Args:
        text: Markdown; its first heading, which is the title, is left out.
        below: the level of the heading above it, from which its own count.
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
