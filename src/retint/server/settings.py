"""Where the server listens, whom it answers, and how much it takes on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MEGA = 1_000_000


@dataclass(frozen=True)
class Settings:
    """All limits of a server."""

    host: str = "127.0.0.1"
    """The address it listens on."""
    hosts: tuple[str, ...] = ()
    """Further names that it may be asked by."""
    token: str = ""
    """What callers must know; empty where anybody may call."""
    workers: int = 1
    """How many pictures are coloured at a time."""
    threads: int = 0
    """CPU threads for each of them; 0 for all."""
    queue: int = 16
    """How many requests about a picture may be under way, the ones at work included."""
    per_client: int = 8
    """How many of those one address may have."""
    max_bytes: int = 100 * MEGA
    """Of a request's body."""
    json_bytes: int = 2 * MEGA
    """Of a body that is no picture."""
    max_pixels: int = 100 * MEGA
    """Of a picture."""
    preview_pixels: int = MEGA
    """Of what the page shows before somebody looks closer."""
    upload_seconds: float = 60
    """How long a body may take to arrive."""
    json_seconds: float = 10
    """How long one that is no picture may take."""
    work_seconds: float = 120
    """How long an answer may take from then on."""
    session_seconds: float = 1800
    """How long a picture is kept after its last use."""
    film_bytes: int = 2000 * MEGA
    """Of a film, as it comes."""
    films_bytes: int = 8000 * MEGA
    """Of the folder where films wait, and what is made of them."""
    film_pixels: int = 40_000 * MEGA
    """Of all frames of a film together: an hour and twenty minutes of 640 x 480."""
    film_seconds: float = 900
    """How long one may take to arrive, and then to be looked at."""
    film_stall_seconds: float = 20
    """In which something of it must arrive."""
    film_rate: float = 50_000
    """Bytes a second that it must bring from then on, on average."""
    film_uploads: int = 4
    """How many films may arrive or be looked at, beside the requests about pictures."""
    film_uploads_per_client: int = 2
    """How many of those from one address."""
    method_weights: tuple[tuple[str, Path], ...] = ()
    """ONNX files of methods that need one of the user's own."""
    session_bytes: int = 1000 * MEGA
    """Of all pictures that are kept."""
