from __future__ import annotations

import pytest

from retint.color.size import SizeRequirement


@pytest.mark.parametrize(
    ("requirement", "length", "padded"),
    [
        (SizeRequirement(), 7, 7),
        (SizeRequirement(minimum=16, multiple_of=16), 1, 16),
        (SizeRequirement(minimum=16, multiple_of=16), 16, 16),
        (SizeRequirement(minimum=16, multiple_of=16), 17, 32),
        (SizeRequirement(minimum=22, multiple_of=16, offset=-10), 150, 150),
        (SizeRequirement(minimum=22, multiple_of=16, offset=-10), 151, 166),
        (SizeRequirement(minimum=22, multiple_of=16, offset=-10), 3, 22),
    ],
)
def test_padded_is_the_next_accepted_size(
    requirement: SizeRequirement, length: int, padded: int
) -> None:
    assert requirement.padded(length) == padded
    assert requirement.accepts(padded)
    assert not any(requirement.accepts(between) for between in range(length, padded))


@pytest.mark.parametrize(
    ("minimum", "multiple_of", "offset"), [(20, 16, 0), (16, 16, -16), (16, 16, 3), (0, 1, 0)]
)
def test_contradictory_sizes_are_refused(minimum: int, multiple_of: int, offset: int) -> None:
    with pytest.raises(ValueError, match=r"accepted size|does not fit"):
        SizeRequirement(minimum, multiple_of, offset)
