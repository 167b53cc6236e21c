"""Links to a server for browsers on other devices, also as a QR code in the terminal."""

from __future__ import annotations

import io
import ipaddress
import socket
from collections.abc import Iterable

ELSEWHERE = ("192.0.2.1", "192.168.0.1", "10.0.0.1", "172.16.0.1")
"""Addresses of other networks and of local ones; nothing is sent to them."""
DISCARD = 9
"""A port for sockets that send nothing."""
WHITE_ON_BLACK, RESET = "\033[97;40m", "\033[0m"
"""Escape sequences; a code in the colors of a light terminal would be inverted."""
KEYS = (
    "retint: the key in a link signs in the one browser that opens it first, so that nobody else "
    "in the network uses the server; programs send the token instead"
)


def is_here(host: str | None) -> bool:
    """Whether the address is reachable from this computer only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_everywhere(host: str) -> bool:
    """Whether a server at that address listens on all addresses of this computer."""
    return host in ("0.0.0.0", "::")


def address(host: str, port: int) -> str:
    """The address of a server, for a browser."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def network_address() -> str:
    """The IPv4 address of this computer in its network; empty if it has none."""
    return next(filter(_is_usable, _candidates()), "")


def _candidates() -> Iterable[str]:
    """Addresses from which packets to other networks would be sent."""
    for other in ELSEWHERE:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            try:
                asking.connect((other, DISCARD))  # only chooses the route
            except OSError:
                continue
            yield asking.getsockname()[0]


def _is_usable(text: str) -> bool:
    found = ipaddress.ip_address(text)
    return not (found.is_loopback or found.is_unspecified or found.is_link_local)


def code(link: str) -> str:
    """A QR code for a terminal that shows block elements; empty if segno is missing."""
    try:
        import segno
    except ModuleNotFoundError:
        return ""
    drawn = io.StringIO()
    segno.make(link, error="l", micro=False).terminal(drawn, compact=True)
    return "".join(f"{WHITE_ON_BLACK}{each}{RESET}\n" for each in drawn.getvalue().splitlines())
