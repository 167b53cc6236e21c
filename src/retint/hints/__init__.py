"""Colour hints: colours that the user knows."""

from retint.hints.file import hints_of, read_hints
from retint.hints.shapes import (
    Hint,
    Hints,
    Polygon,
    Rectangle,
    Shape,
    Stroke,
    chroma_of,
    color_of,
)

__all__ = [
    "Hint", "Hints", "Polygon", "Rectangle", "Shape", "Stroke", "chroma_of", "color_of", "hints_of",
    "read_hints",
]  # fmt: skip
