"""How Sphinx builds the site. `scripts/docs` calls it; what it does beyond Sphinx is in scripts/_site.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

project = "invite-sdk"
author = "The invite-sdk authors"
copyright = author  # noqa: A001 - Sphinx's name
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "_site"]
exclude_patterns = ["_static", "_templates"]
templates_path = ["_templates"]
# Dashes, for those of the lists of parameters; quotes stay as they are.
smartquotes_action = "D"
highlight_language = "none"

myst_heading_anchors = 3

add_module_names = False
toc_object_entries_show_parents = "hide"
autodoc_default_options = {
    "members": True,
    "undoc-members": True,
    "member-order": "bysource",
    # What our classes have from one another, and nothing of what they have from these.
    "inherited-members": "BaseException, BaseModel, Enum, Protocol, Sequence, StrEnum, dict, list, object, str, tuple",
    "exclude-members": "model_config",
}
# Under the names by which the reference tells of them.
autodoc_type_aliases = {"Date": "date", "DateTime": "datetime"} | {
    name: name for name in ("AsyncHook", "Check", "Flow", "Hook", "Role", "Secret", "StatusFilter", "StatusName")
}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 100
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "pydata_sphinx_theme"
html_title = "invite-sdk"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_sidebars = {"**": ["nav.html"]}
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def setup(app: Sphinx) -> None:
    # Pygments has no lexer for it, and a list needs no colours.
    app.add_lexer("csv", TextLexer)
