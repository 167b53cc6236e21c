"""Settings and limits of the server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retint.credentials import Signing

MEGA = 1_000_000
FILMS_KEPT = 4
"""Size of the folder with films and their results, in size limits of a film."""


@dataclass(frozen=True)
class Settings:
    """Settings and limits of a server."""

    host: str = "127.0.0.1"
    """The address it listens on."""
    hosts: tuple[str, ...] = ()
    """Further host names it answers to."""
    origins: tuple[str, ...] = ()
    """Addresses at which browsers reach it, such as `https://photos.example`, behind a proxy."""
    root_path: str = ""
    """The path at which browsers reach it, such as `/retint`; empty for `/`."""
    token: str = ""
    """Token that clients must send; empty if none is required."""
    workers: int = 1
    """Number of pictures processed in parallel."""
    threads: int = 0
    """CPU threads for each of them; 0 uses all."""
    queue: int = 16
    """Maximum number of concurrent requests about pictures, including those being processed."""
    per_client: int = 8
    """Maximum number of those per client address."""
    max_bytes: int = 100 * MEGA
    """Maximum size of a request body."""
    json_bytes: int = 2 * MEGA
    """Maximum size of a body that is not a picture."""
    max_pixels: int = 100 * MEGA
    """Maximum pixels of a picture."""
    preview_pixels: int = MEGA
    """Pixels of the preview that the page shows at first."""
    upload_seconds: float = 60
    """Maximum time for a body to arrive."""
    json_seconds: float = 10
    """Maximum time for a body that is not a picture."""
    work_seconds: float = 120
    """Maximum time for the response after that."""
    session_seconds: float = 1800
    """How long a picture is kept after its last use."""
    film_bytes: int = 2000 * MEGA
    """Maximum size of an uploaded film."""
    films_bytes: int = FILMS_KEPT * film_bytes
    """Maximum size of the folder with films and their results."""
    film_pixels: int = 40_000 * MEGA
    """Maximum pixels of all frames of a film: 80 minutes at 640 x 480."""
    film_seconds: float = 900
    """Maximum time for a film to arrive, and then to be scanned."""
    film_stall_seconds: float = 20
    """Maximum time without any data."""
    film_rate: float = 50_000
    """Minimum average bytes per second after that."""
    film_uploads: int = 4
    """Maximum number of films that are uploaded or scanned, besides the requests about pictures."""
    film_uploads_per_client: int = 2
    """Maximum number of those per client address."""
    method_weights: tuple[tuple[str, Path], ...] = ()
    """ONNX files of methods that need a file from the user."""
    signing: Signing | None = None
    """What signs pictures if clients ask for it."""
    session_bytes: int = 1000 * MEGA
    """Maximum size of all pictures in memory."""
    references: Path | None = None
    """Folder of color pictures, of which the most similar ones can be references."""
    remember: Path | None = None
    """File of remembered hints, which clients can use, add to and remove from."""
