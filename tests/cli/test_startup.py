"""What makes the program start and end sooner."""

from __future__ import annotations

import gc
from contextlib import suppress

import pytest

from retint.cli.startup import uncollected


@pytest.mark.parametrize("was_on", [True, False], ids=["on", "off"])
def test_garbage_is_collected_as_before(*, was_on: bool) -> None:
    before = gc.isenabled()
    (gc.enable if was_on else gc.disable)()
    try:
        during = True
        with suppress(KeyError), uncollected():
            during = gc.isenabled()
            raise KeyError
        assert not during
        assert gc.isenabled() == was_on
    finally:
        (gc.enable if before else gc.disable)()
