"""How Sphinx makes the site of the pages in this folder and of the docstrings. `tox -e docs` runs it.

The theme is pydata-sphinx-theme: of those that NumPy and SciPy users know it is the one with releases this autumn, its
header and its breadcrumb name the kind of page that is open, and it keeps all its files with the site.
"""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math import latex2mathml

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

DOCS = Path(__file__).parent
# For hybrid_build.py and the directives beside this file. At the end: `primes` is the installed one.
sys.path += [str(DOCS), str(DOCS.parent)]

project = "primes"
author = "the primes contributors"
version = release = installed_version("primes")
html_title = f"primes {version}"
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "from_sources"]
exclude_patterns = ["_static", "_templates"]
source_suffix = {".md": "markdown"}
nitpicky = True
# What the docstrings name that other projects document: no page here has it, and other sites are not asked.
ELSEWHERE = """
    SupportsIndex|Workers|Progress|BuildInfo|ArrayLike|DTypeLike|NDArray|np[.].*|Any|Path|Callable|Iterator|Sequence|Mapping
    |Random|Literal.*|type|bool|int|str|list|tuple|dict|object|None|NoneType|types[.].*|collections[.].*|setuptools.*
    |[A-Z][A-Za-z]*Error
"""
nitpick_ignore_regex = [("py:.*", "".join(ELSEWHERE.split()))]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_context = {"default_mode": "auto"}
html_sidebars = {"index": []}
html_theme_options = {
    "logo": {"text": "primes"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "article_header_start": ["breadcrumbs"],
    "show_nav_level": 1,
    "navigation_depth": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def inline_formula(translator: "HTML5Translator", node: nodes.math) -> None:
    """Write a formula within a line as MathML, which browsers draw by themselves."""
    translator.body.append(latex2mathml.tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def displayed_formula(translator: "HTML5Translator", node: nodes.math_block) -> None:
    """Write a formula between paragraphs, in a box that scrolls where a screen is narrow."""
    formula = latex2mathml.tex2mathml(node.astext(), as_block=True)
    translator.body.append(f'<div class="formula">{formula}</div>')
    raise nodes.SkipNode


def setup(app: "Sphinx") -> None:
    """Draw formulas without a script: MathJax would come from another host."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (displayed_formula, None))
    app.config.html_math_renderer = "mathml"
