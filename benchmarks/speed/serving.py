"""Measures a server under load: responses per second, waiting time, and memory over time.

    python benchmarks/speed/serving.py [--requests 500] [--clients 4] [--side 512]

A local server gets JPEG pictures of 512 x 512 pixels. One request in ten contains no picture, and
one in twenty exceeds the size limit; both must be refused and are not timed. Then one session
measures the time for another hint on a preview of a megapixel.
"""

from __future__ import annotations

import argparse
import io
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import skimage.data
from PIL import Image

TOO_LARGE = b"\xff" * 3_000_000
HINTS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--side", type=int, default=512)
    args = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, "-m", "retint", "serve", "--port", "0", "--max-megabytes", "2"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        (address,) = re.findall(r"http://\S+/", server.stdout.readline())
        load(address, server.pid, args.requests, args.clients, args.side)
        touch(address)
    finally:
        server.terminate()
        server.wait()


def load(address: str, process: int, count: int, clients: int, side: int) -> None:
    """Many requests from several concurrent clients."""
    good = picture((side, side))
    bodies = [good if k % 10 else b"no picture" for k in range(count)]
    bodies[5::20] = [TOO_LARGE] * len(bodies[5::20])
    statuses: Counter[int] = Counter()
    seconds: list[float] = []
    memory: list[int] = []

    def ask(body: bytes) -> None:
        began = time.perf_counter()
        with httpx.Client(base_url=address, timeout=60) as client:
            answer = client.post("v1/colorize", content=body)
        statuses[answer.status_code] += 1
        if body is good:
            seconds.append(time.perf_counter() - began)
        memory.append(resident(process))

    ask(good)  # loads the network
    seconds.clear()
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(ask, bodies))
    rate = count / (time.perf_counter() - began)
    print(f"{count} requests from {clients} clients: {dict(statuses)}")
    print(f"{rate:.1f} responses/s; a picture of {side} x {side}: median "
          f"{statistics.median(seconds) * 1000:.0f} ms, p95 "
          f"{statistics.quantiles(seconds, n=20)[-1] * 1000:.0f} ms")  # fmt: skip
    fifth = len(memory) // 5
    print(f"memory: {statistics.mean(memory[fifth : 2 * fifth]) / 1e6:.0f} MB in the second fifth, "
          f"{statistics.mean(memory[-fifth:]) / 1e6:.0f} MB in the last")  # fmt: skip


def touch(address: str) -> None:
    """Consecutive hints on an uploaded picture of a megapixel."""
    with httpx.Client(base_url=address, timeout=60) as client:
        id = client.post("v1/sessions", content=picture((1000, 1000))).json()["id"]

        def colour(points: list[dict[str, Any]]) -> float:
            hints = {"version": 1, "size": [1000, 1000], "points": points}
            began = time.perf_counter()
            client.post(f"v1/sessions/{id}/colorize", json={"hints": hints}).raise_for_status()
            return (time.perf_counter() - began) * 1000

        first = colour([])
        further = [colour([{"x": 40 * k + 10, "y": 500, "color": "#2f3e63"}]) for k in range(HINTS)]
    print(f"uploaded megapixel: first colors {first:.0f} ms, another hint "
          f"{statistics.median(further):.0f} ms (median of {HINTS})")  # fmt: skip


def picture(size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    camera: np.ndarray = skimage.data.camera()  # type: ignore[no-untyped-call]
    Image.fromarray(camera).resize(size).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def resident(process: int) -> int:
    """Current resident memory of a process in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    main()
