"""Types of option values, with messages in the words of the library."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import click

from retint.errors import unknown
from retint.numbers import DECIMAL, a_number, range_text, shortened


class NumberRange(click.FloatRange):
    """A range of numbers without "nan", which no comparison would refuse."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number; a click error for others."""
        try:
            number: float = super().convert(value, param, ctx)
        except click.BadParameter:
            number = math.nan
        if not math.isfinite(number):
            _refuse(self, float, value, param, ctx)
        return number

    def _describe_range(self) -> str:
        return _range_text(self)


class WholeRange(click.IntRange):
    """A range of whole numbers."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; a click error for others."""
        try:
            number: int = super().convert(value, param, ctx)
        except click.BadParameter:
            _refuse(self, int, value, param, ctx)
        return number

    def _describe_range(self) -> str:
        return _range_text(self)


class OneOf(click.Choice):  # type: ignore[type-arg]
    """One of some names; others get similar names as a hint."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name; a click error for others."""
        if value not in self.choices:
            kind = _name(param).removeprefix("--")
            error = unknown(kind, str(value), self.choices)
            raise click.UsageError(f"{_name(param)}: {error}", ctx)
        return str(value)


def _range_text(kind: click.IntRange | click.FloatRange) -> str:
    if kind.min_open:
        return range_text(None, kind.min, kind.max)
    return range_text(kind.min, None, kind.max)


def _refuse(
    kind: click.IntRange | click.FloatRange, number: type, value: Any,
    param: click.Parameter | None, ctx: click.Context | None,
) -> NoReturn:  # fmt: skip
    shown = value if DECIMAL.fullmatch(str(value)) else shortened(value)
    wanted = a_number(number, _range_text(kind))
    raise click.UsageError(
        f"{_name(param)} must be {wanted}, not {shown}{_point(number, value)}", ctx
    )


def _point(number: type, value: Any) -> str:
    """A hint for a decimal comma."""
    pointed = str(value).replace(",", ".")
    is_decimal = number is float and pointed != value and DECIMAL.fullmatch(pointed)
    return f" (write a decimal point: {pointed})" if is_decimal else ""


def _name(param: click.Parameter | None) -> str:
    return max(param.opts, key=len) if param is not None else "the value"
