"""A digest or report as a page, and as the HTML of an email; neither loads anything."""

import base64
import functools
from collections.abc import Callable

import jinja2

from mailsignals.notifications.delivery.message import Letter
from mailsignals.notifications.digest.bulletin import Bulletin
from mailsignals.notifications.digest.chart import WIDTH, Weeks, caption, in_words, picture
from mailsignals.notifications.digest.digest import Digest
from mailsignals.wording.html import NAME_LENGTH, commands, isolate
from mailsignals.wording.templates import environment


def html(content: Digest | Bulletin) -> str:
    """Return a digest or report as one HTML page that loads nothing."""
    return _rendered(
        content, lambda weeks: f"data:image/png;base64,{base64.b64encode(picture(weeks)).decode()}"
    )


def letter(content: Digest | Bulletin) -> Letter:
    """Return a digest or report as HTML for mail programs, with inline styles and attached pictures.

    The style element stays for programs that support dark mode; others ignore it, or invert colours on their own.
    """
    images: dict[str, bytes] = {}

    def attached(weeks: Weeks) -> str:
        name = f"weeks-{len(images) + 1}"
        images[name] = picture(weeks)
        return f"cid:{name}"

    page = _rendered(content, attached)
    return Letter(html=_inlined(page), images=images)


def _inlined(page: str) -> str:
    """Return the page with its styles inlined into elements."""
    from css_inline import CSSInliner  # noqa: PLC0415  # a slow import that only emails need

    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(page)


def _rendered(content: Digest | Bulletin, source: Callable[[Weeks], str]) -> str:
    """Render the template, with a function for the address of a chart's picture; names and addresses are escaped."""
    name = "digest" if isinstance(content, Digest) else "bulletin"
    return _templates().get_template(f"{name}.html.j2").render(content=content, source=source, width=WIDTH)


@functools.cache
def _templates() -> jinja2.Environment:
    templates = environment("mailsignals.notifications.digest")
    templates.filters.update(
        caption=caption,
        in_words=in_words,
        name=functools.partial(isolate, most=NAME_LENGTH),
        isolated=isolate,
        commands=commands,
    )
    return templates
