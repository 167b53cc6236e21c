"""The documentation site; `make docs` builds it into `site/`."""

import logging
import sys
from pathlib import Path

import retint

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

(HERE / "_made").mkdir(exist_ok=True)  # filled by `gallery`
logging.getLogger("retint").setLevel(logging.WARNING)

project = "retint"
author = "the retint developers"
release = version = retint.__version__
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "captions",
    "gallery",
    "model_cards",
]
exclude_patterns = ["_build", "_ext", "_made"]
needs_sphinx = "8.0"

# Links between pages are checked: what leads nowhere is a warning, and warnings are errors.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["myst.header"]  # a card begins below the page's own title

# Notebooks are run when the site is built, once for each change of theirs.
nb_execution_mode = "cache"
# Seconds a cell: training took more than 90 on a busy machine.
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "description"
default_role = "code"  # what docstrings put between single backticks
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"retint {release}"
html_static_path = ["_static", "_made"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_favicon = "../src/retint/server/static/icon.svg"
html_show_search_summary = False  # it would be fetched, which nobody may from a disk
html_copy_source = False
html_show_sourcelink = False
copybutton_prompt_text = "$ "
