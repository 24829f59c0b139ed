"""A digest as a page, and as the HTML of a mail; both read well without what they refer to."""

import base64
import dataclasses
import functools
import re
from collections.abc import Callable, Mapping

import jinja2
from markupsafe import Markup, escape

from mailsignals.deliver.clean import one_line
from mailsignals.digest.bulletin import Bulletin
from mailsignals.digest.content import Digest
from mailsignals.digest.picture import WIDTH, Weeks, caption, in_words, picture

NAME_LENGTH, TEXT_LENGTH = 60, 400
"""How much of a name, and of any other text from outside, is shown."""

_BEFORE_PERCENT = re.compile(r"(?<=\d) (?=%)")
_COMMAND = re.compile("`([^`]+)`")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Letter:
    """The HTML of a mail."""

    html: str
    images: Mapping[str, bytes]
    """PNG pictures by the content id under which it refers to them."""


def html(paper: Digest | Bulletin) -> str:
    """It as one page that fetches nothing."""
    return _rendered(
        paper, lambda weeks: f"data:image/png;base64,{base64.b64encode(picture(weeks)).decode()}"
    )


def letter(paper: Digest | Bulletin) -> Letter:
    """The same page for mail programs: styles stand in the elements, pictures travel beside it.

    A style element is left for those that know dark mode; the others ignore it, or invert colours on their own.
    """
    images: dict[str, bytes] = {}

    def attached(weeks: Weeks) -> str:
        name = f"weeks-{len(images) + 1}"
        images[name] = picture(weeks)
        return f"cid:{name}"

    page = _rendered(paper, attached)
    return Letter(html=_inlined(page), images=images)


def _inlined(page: str) -> str:
    """The page with the rules of its styles in the elements that they hold for."""
    from css_inline import CSSInliner  # noqa: PLC0415  # only who writes mails should pay for it

    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(page)


def _rendered(paper: Digest | Bulletin, source: Callable[[Weeks], str]) -> str:
    """Its template with where that finds the picture of a chart; every name and address in it is escaped."""
    name = "digest" if isinstance(paper, Digest) else "bulletin"
    return _templates().get_template(f"{name}.html.j2").render(paper=paper, source=source, width=WIDTH)


@functools.cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mailsignals.digest"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        caption=caption,
        in_words=in_words,
        name=functools.partial(isolated, most=NAME_LENGTH),
        isolated=isolated,
        commands=commands,
    )
    return environment


def isolated(text: str, *, most: int = TEXT_LENGTH) -> Markup:
    """Text from outside, kept from turning the direction of the text around it; numbers stay with their percent.

    What would turn it is taken out besides, because some mail programs drop the element.
    """
    line = one_line(text, most=most)
    spaced = _BEFORE_PERCENT.sub("\N{NO-BREAK SPACE}", line)
    return Markup(f"<bdi>{escape(spaced)}</bdi>")  # noqa: S704  # escaped


def commands(sentence: str) -> Markup:
    """A sentence of ours, with what is to be typed standing out."""
    return Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(sentence))))  # noqa: S704  # escaped
