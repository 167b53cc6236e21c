"""Writes the figures of a committed results.json, and facts of the code, into the project's pages.

    python -m tools.cards docs/results.json PAGE...

The text between `<!-- results: BLOCK -->` and `<!-- /results -->` is replaced by a table. BLOCK is
`summary`, `wholeness`, `comparisons`, `methods`, `card METHOD` or `skin METHOD`, with figures, or
`options GROUP`, `flags GROUP` or `limits`, with facts of the code.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from retint.colorizers import method_class
from retint.errors import RetintError
from retint.evaluation.results import mark, table, weights_hash
from retint.evaluation.wholeness import FIGURES
from tools import facts

BLOCK = re.compile(r"(<!-- results: ([\w -]+?) -->\n).*?(<!-- /results -->)", re.DOTALL)


class CardError(RetintError):
    """The figures do not belong to the shipped weights."""


def check(content: dict[str, Any]) -> None:
    """Raise CardError if the results were measured with other weights than those shipped."""
    for name, measured in content["weights"].items():
        if weights_hash(name) != measured:
            raise CardError(f"the results were measured with other weights than the shipped {name}")


def fill(page: str, content: dict[str, Any]) -> str:
    """Fill the blocks of a page with figures of `results.json`."""

    def block(match: re.Match[str]) -> str:
        name, _, argument = match[2].partition(" ")
        known = facts.GROUPS if name in ("options", "flags") else content["methods"]
        if name not in BLOCKS or (argument and argument not in known):
            raise CardError(f"no results for {match[2]!r}")
        return f"{match[1]}{BLOCKS[name](content, argument)}\n{match[3]}"

    return BLOCK.sub(block, page)


def _summary(content: dict[str, Any], _: str) -> str:
    return table(content)


def _wholeness(content: dict[str, Any], _: str) -> str:
    titles = [each.title for each in FIGURES.values()]
    lines = [f"| method | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    for name, m in content["methods"].items():
        means = {key: m["wholeness"][key]["mean"] for key in FIGURES}
        shown = [
            "" if mean is None else f"{mean:.{FIGURES[key].digits}f}" for key, mean in means.items()
        ]
        lines.append(f"| {name} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _methods(content: dict[str, Any], _: str) -> str:
    lines = [
        "| method | what it is | PSNR | CIEDE2000 | colourfulness ratio |",
        "|---|---|---|---|---|",
    ]
    for name, m in content["methods"].items():
        figures = (
            f"{m['psnr']['mean']:.2f} dB | {m['ciede2000']['mean']:.2f}"
            f" | {m['colorfulness_ratio']['mean']:.2f}"
        )
        lines.append(f"| `{name}` | {method_class(name).summary} | {figures} |")
    return "\n".join(lines)


def _comparisons(content: dict[str, Any], _: str) -> str:
    lines = [
        "| pair | PSNR | wins | p | CIEDE2000 | wins | p | KID-lite0 x 1000 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for pair in content["comparisons"]:
        cells = [f"{pair['method']} minus {pair['against']}"]
        for metric in ("psnr", "ciede2000"):
            each = pair[metric]
            cells += [
                _interval(each["difference"]),
                f"{each['win_rate'] * 100:.0f} %",
                f"{each['p']:.4f}",
            ]
        cells.append(_interval(pair["kid_lite0"]["difference"], 1000))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _card(content: dict[str, Any], method: str) -> str:
    m, grey = content["methods"][method], content["methods"]["gray"]
    lines = ["| metric | value, 95 % interval | grey |", "|---|---|---|"]
    for name, key, scale in (
        ("PSNR, dB", "psnr", 1),
        ("SSIM", "ssim", 1),
        ("CIEDE2000", "ciede2000", 1),
        ("a*b* error", "chroma_error", 1),
        ("colourfulness ratio", "colorfulness_ratio", 1),
        ("KID-lite0 x 1000", "kid_lite0", 1000),
        ("L* error", "lightness_error", 1),
    ):
        marked = name + mark(m) * (key == "kid_lite0")
        lines.append(f"| {marked} | {_interval(m[key], scale)} | {grey[key]['mean'] * scale:.2f} |")
    if mark(m):
        lines += ["", "* the network was trained with the features of KID-lite0"]
    lines += ["", f"SHA-256 of the file: `{content['weights'][method]}`"]
    return "\n".join(lines)


def _skin(content: dict[str, Any], method: str) -> str:
    grey = content["methods"]["gray"]["skin"]
    lines = [
        "| skin, by ITA | pixels | CIEDE2000 | grey | hue turn | hue error | chroma ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for group, s in content["methods"][method]["skin"].items():
        lines.append(
            f"| {group} | {s['pixels']:.0f} | {s['ciede2000']:.2f} | {grey[group]['ciede2000']:.2f}"
            f" | {s['hue_turn']:+.1f}° | {s['hue_error']:.1f}° | {s['chroma_ratio']:.2f} |"
        )
    return "\n".join(lines)


def _interval(estimate: dict[str, float], scale: float = 1) -> str:
    mean, low, high = (estimate[key] * scale for key in ("mean", "low", "high"))
    return f"{mean:.2f} ({low:.2f} to {high:.2f})"


BLOCKS = {
    "options": lambda _, group: facts.options(group),
    "flags": lambda _, group: facts.flags(group),
    "limits": lambda *_: facts.limits(),
    "summary": _summary,
    "wholeness": _wholeness,
    "methods": _methods,
    "comparisons": _comparisons,
    "card": _card,
    "skin": _skin,
}


def main(results: Path, pages: Iterable[Path]) -> None:
    """Fill the pages in place."""
    content = json.loads(results.read_text(encoding="utf-8"))
    check(content)
    for page in pages:
        page.write_text(fill(page.read_text(encoding="utf-8"), content), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), map(Path, sys.argv[2:]))
