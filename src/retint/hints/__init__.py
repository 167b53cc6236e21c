"""Colour hints: colours that the user knows."""

from retint.hints.colors import chroma_of, color_of, colors_of
from retint.hints.file import hints_of, read_hints
from retint.hints.hints import Hints
from retint.hints.shapes import Hint, Polygon, Rectangle, Shape, Stroke

__all__ = [
    "Hint", "Hints", "Polygon", "Rectangle", "Shape", "Stroke", "chroma_of", "color_of",
    "colors_of", "hints_of", "read_hints",
]  # fmt: skip
