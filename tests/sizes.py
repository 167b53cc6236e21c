"""How much the tests try: `make attack` sets more than `make test` takes."""

from __future__ import annotations

import os

MUTATIONS = int(os.environ.get("RETINT_MUTATIONS", "120"))
"""Mutations of each kind of picture."""
FILM_MUTATIONS = MUTATIONS // 5
"""Of each kind of film."""
AUDITED_MUTATIONS = max(1, MUTATIONS // 30)
"""Of each kind of film, where all system calls are watched."""
AUDIT_SECONDS = float(os.environ.get("RETINT_AUDIT_SECONDS", "20"))
"""For which programs that wait are watched."""
