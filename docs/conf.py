"""The documentation site, built by Sphinx from the Markdown of docs and of the project's root.

``python3 dev.py docs`` builds it into build/docs. The build needs no network, and the site loads nothing from one.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

project = "mailsignals"
language = "en"
highlight_language = "text"
extensions = ["myst_parser"]
root_doc = "docs/index"

# The source folder is the project's root, so that a link works here, in an editor and on a code host.
include_patterns = [
    "docs/**",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "connectors/README.md",
    "benchmarks/README.md",
]
exclude_patterns = sorted(
    {each.name for each in ROOT.iterdir() if each.is_dir()} - {"docs", "connectors", "benchmarks"}
)

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

html_theme = "furo"
html_title = "mailsignals"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_permalinks_icon = "#"
html_additional_pages = {"index": "start.html"}
templates_path = ["templates"]
