"""Resizing, blurring and padding as products with matrices, whose weights are those of OpenCV.

Resize of ONNX has no average over areas. Matrices are built in the graph from the sizes of the
picture; they are small beside it.
"""

from __future__ import annotations

import numpy as np

from retint.color.size import SizeRequirement
from retint.whole.graph import Value, counted, joined

Size = tuple[Value, Value]
"""Height and width: int64, without axes."""
CUBIC = -0.75
"""OpenCV's parameter of cubic interpolation."""


def size_of(planes: Value) -> Size:
    """Height and width of planes [..., H, W]."""
    return planes.side(-2), planes.side(-1)


def average(planes: Value, size: Size) -> Value:
    """Resize [..., H, W] to a smaller height and width, by averages of pixels."""
    return _resized(planes, *(_areas(*each) for each in _sides(planes, size)))


def cubic(planes: Value, size: Size) -> Value:
    """Resize [..., H, W] bicubically."""
    return _resized(planes, *(_cubic(*each) for each in _sides(planes, size)))


def linear(planes: Value, size: Size) -> Value:
    """Resize [..., H, W] to a larger height and width, bilinearly."""
    return _resized(planes, *(_linear(*each) for each in _sides(planes, size)))


def shrink(plane: Value, size: Size) -> Value:
    """Resize L* [H, W]: by averaging to smaller sizes, bicubic to larger ones."""
    own = size_of(plane)
    larger = size[0] * size[1] > own[0] * own[1]
    rows, columns = (larger.where(_cubic(*each), _areas(*each)) for each in _sides(plane, size))
    return _resized(plane, rows, columns).clip(0, 100)


def enlarged(plane: Value, size: Size) -> Value:
    """Resize [h, w] to full size, bilinearly: `linear` without matrices of full size."""
    nothing = plane.graph.constant(np.zeros(0, np.float32))
    shape = joined([side.unsqueezed(0) for side in size], 0)
    whole = joined([plane.graph.constant(np.ones(2, np.int64)), shape], 0)
    resized = plane.unsqueezed(0, 1).apply(
        "Resize", nothing, nothing, whole, mode="linear",
        coordinate_transformation_mode="half_pixel",
    )  # fmt: skip
    return resized.apply("Reshape", shape)


def padded(plane: Value, size: SizeRequirement) -> Value:
    """Pad [H, W] below and to the right by mirroring, to an accepted size."""
    for axis in (0, 1):
        length = plane.side(axis)
        least = length.at_least(size.minimum)
        # Of a negative number, Mod has the sign of the divisor, as in Python.
        wanted = least + (size.offset - least) % size.multiple_of
        plane = plane.taken(_reflected(counted(wanted), length), axis)
    return plane


def cropped(planes: Value, size: Size) -> Value:
    """The upper left part [..., h, w] of planes [..., H, W]."""
    return planes.first(size[0], -2).first(size[1], -1)


def blurred(planes: Value, width: Value) -> Value:
    """Blur [C, H, W] by a Gaussian, whose edges repeat the last pixel.

    Parameters
    ----------
    width
        Its standard deviation: float32, without axes.
    """
    count = (width * 8 + 1).apply("Round").to(np.int64)
    radius = count / 2
    offsets = (counted(radius * 2 + 1) - radius).to(np.float32) / width
    heights = (offsets * offsets * -0.5).exp()
    for axis in (1, 2):
        length = planes.side(axis)
        places = counted(length + radius * 2) - radius
        around = planes.taken(places.clip(0, length - 1), axis)
        apart = counted(length + radius * 2).unsqueezed(0) - counted(length).unsqueezed(1)
        inside = (apart < radius * 2 + 1).where((apart + 1).at_least(0), 0)
        weights = joined([heights.beside([0.0]), heights / heights.total(0)], 0)
        band = weights.taken(inside, 0)
        planes = band @ around if axis == 1 else around @ band.transposed(1, 0)
    return planes


def box(planes: Value, radius: int) -> Value:
    """Means [C, H, W] of the windows around each pixel, mirrored at the edges."""
    for axis in (1, 2):
        length = planes.side(axis)
        places = counted(length + 2 * radius) - radius
        planes = planes.taken(_reflected(places, length), axis)
    window = [2 * radius + 1] * 2
    return planes.unsqueezed(0).apply("AveragePool", kernel_shape=window).squeezed(0)


def _sides(planes: Value, size: Size) -> list[tuple[Value, Value]]:
    """Length before and after, of height and width."""
    return list(zip(size_of(planes), size, strict=True))


def _resized(planes: Value, rows: Value, columns: Value) -> Value:
    """Weighted sums over rows and columns, by matrices [h, H] and [w, W]."""
    return rows @ (planes @ columns.transposed(1, 0))


def _areas(length: Value, target: Value) -> Value:
    """Share of each pixel in each average [target, length]."""
    scale = length.to(np.float64) / target.to(np.float64)
    start = counted(target).to(np.float64).unsqueezed(1) * scale
    pixel = counted(length).to(np.float64).unsqueezed(0)
    overlap = (start + scale).at_most(pixel + 1) - start.at_least(pixel)
    return (overlap.at_least(0) / scale).to(np.float32)


def _linear(length: Value, target: Value) -> Value:
    place, beyond = _places(length, target)
    return _spread(length, [(place, 1 - beyond), (place + 1, beyond)])


def _cubic(length: Value, target: Value) -> Value:
    place, beyond = _places(length, target)
    before, near = _outer(beyond + 1), _inner(beyond)
    far = _inner(1 - beyond)
    after = 1 - before - near - far
    return _spread(
        length, [(place - 1, before), (place, near), (place + 1, far), (place + 2, after)]
    )


def _inner(distance: Value) -> Value:
    """Weight of a pixel at a distance of at most 1."""
    return (distance * (CUBIC + 2) - (CUBIC + 3)) * distance * distance + 1


def _outer(distance: Value) -> Value:
    """Weight of a pixel at a distance between 1 and 2."""
    return ((distance * CUBIC - 5 * CUBIC) * distance + 8 * CUBIC) * distance - 4 * CUBIC


def _places(length: Value, target: Value) -> tuple[Value, Value]:
    """For each pixel of the target, the one before its centre, and how far beyond that it is."""
    scale = length.to(np.float64) / target.to(np.float64)
    centre = ((counted(target).to(np.float64) + 0.5) * scale - 0.5).to(np.float32)
    place = centre.apply("Floor")
    return place.to(np.int64), centre - place


def _spread(length: Value, taps: list[tuple[Value, Value]]) -> Value:
    """A matrix [target, length] of the weights of some pixels; those beyond an edge are on it."""
    pixel = counted(length).unsqueezed(0)
    parts = [
        place.clip(0, length - 1).unsqueezed(1).equals(pixel).where(weight.unsqueezed(1), 0)
        for place, weight in taps
    ]
    whole = parts[0]
    for each in parts[1:]:
        whole = whole + each
    return whole


def _reflected(places: Value, length: Value) -> Value:
    """Places beyond an edge, mirrored at it."""
    places = places % (length * 2)
    return (places < length).where(places, length * 2 - 1 - places)
