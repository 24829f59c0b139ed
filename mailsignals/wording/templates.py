"""Jinja environments for templates."""

import jinja2


def environment(package: str, *, plain_text: bool = False) -> jinja2.Environment:
    """Return a Jinja environment over the folder ``templates`` of a package, in which a missing variable is an error.

    Args:
        package: the dotted name of the package.
        plain_text: whether the last line end of a template is kept, as plain text needs it. Values are escaped in every
            template but those named ``*.txt.j2``.
    """
    return jinja2.Environment(
        loader=jinja2.PackageLoader(package),
        autoescape=jinja2.select_autoescape(disabled_extensions=("txt.j2",), default=True),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=plain_text,
    )
