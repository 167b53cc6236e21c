"""`python -m retint`."""

import os
import sys

# Python has put the working directory first on the search path, where untrusted modules may lie.
# Modules imported so far may come from there; later ones do not, unless retint itself does.
own = os.sep.join((sys.path[0], "retint", "__main__.py"))  # noqa: PTH118 - pathlib may lie there too
if not sys.flags.safe_path and __file__ != own:
    del sys.path[0]

from retint.cli.main import main  # noqa: E402

main()
