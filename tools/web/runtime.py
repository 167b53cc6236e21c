"""ONNX Runtime Web from the registry of npm, pinned and checked; kept in a cache."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

from retint.errors import RetintError
from retint.files import atomic

VERSION = "1.30.0"
INTEGRITY = (
    "sha512-q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+"
    "CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
)
"""Hash of the package that the registry states for this version."""
ADDRESS = f"https://registry.npmjs.org/onnxruntime-web/-/onnxruntime-web-{VERSION}.tgz"
CACHE = Path(__file__).parents[2] / ".cache" / "npm"
SECONDS = 120
"""Maximum time without data."""
MODULE, LOADER, BINARY = (
    "ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm",
)  # fmt: skip
"""Interface, loader and machine code: the build for CPUs alone."""
PARTS = {name: f"package/dist/{name}" for name in (MODULE, LOADER, BINARY)}


class UnreachableError(RetintError):
    """The registry cannot be reached."""


def runtime() -> dict[str, bytes]:
    """The files of the runtime by name.

    Raises
    ------
    UnreachableError
        If they are neither in the cache nor to be had.
    RetintError
        If the package is another one.
    """
    kept = CACHE / f"onnxruntime-web-{VERSION}.tgz"
    content = kept.read_bytes() if kept.is_file() else _fetched()
    if integrity(content) != INTEGRITY:
        raise RetintError(f"{ADDRESS} is not the package that is pinned")
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(kept, content)
    return _unpacked(content)


def integrity(content: bytes) -> str:
    """Hash of a package, as the registry writes it."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


def _fetched() -> bytes:
    try:
        with urllib.request.urlopen(ADDRESS, timeout=SECONDS) as response:
            return bytes(response.read())
    except (urllib.error.URLError, OSError) as error:
        raise UnreachableError(f"cannot fetch {ADDRESS}: {error}") from None


def _unpacked(content: bytes) -> dict[str, bytes]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as package:
        for name, member in PARTS.items():
            file = package.extractfile(member)
            assert file is not None
            found[name] = file.read()
    return found
