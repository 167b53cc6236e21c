"""The processor that a measurement ran on: others give other ratios."""

from __future__ import annotations

import platform
from pathlib import Path

from retint.threads import processors

CPUINFO = Path("/proc/cpuinfo")
EXTENSIONS = {
    "avx2": "AVX2", "avx512f": "AVX-512", "avx512_vnni": "AVX-512 VNNI", "avx_vnni": "AVX VNNI",
    "amx_int8": "AMX", "asimd": "NEON", "asimddp": "NEON dot products", "sve": "SVE",
}  # fmt: skip
"""Vector extensions that networks profit from, by their names in Linux."""


def described() -> str:
    """Processor, its vector extensions and their number, in a line."""
    found = _cpuinfo()
    name = found.get("model name") or platform.processor() or platform.machine()
    flags = (found.get("flags") or found.get("Features") or "").split()
    extensions = [text for flag, text in EXTENSIONS.items() if flag in flags]
    return f"{name}, {', '.join(extensions) or 'unknown extensions'}, {processors()} processors"


def _cpuinfo() -> dict[str, str]:
    """What Linux says about the first processor."""
    if not CPUINFO.exists():
        return {}
    first = CPUINFO.read_text().split("\n\n")[0]
    lines = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}
