"""Recognizes films by their first bytes. Does not need PyAV."""

from __future__ import annotations

from pathlib import Path

LOOKED_AT = 2048
"""Bytes of a file that are looked at."""
BEGINNINGS = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3",  # MPEG program streams and MPEG video alone
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c",  # ASF
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01",  # MXF
    b"\x1f\x07\x00\x3f", b"\x1f\x07\x00\xbf",  # DV of 60 and 50 fields
    b"\x00\x00\x00\x00\x01\xbc",  # GXF
    b"\xb7\xd8\x00\x20\x37\x49\xda\x11\xa6\x4e\x00\x07\xe9\x5e\xad\x8d",  # WTV
    b"OggS", b"FLV\x01", b".RMF", b"nut/multimedia container", b"YUV4MPEG2 ",
    b"DKIF\x00\x00",  # VP8, VP9 and AV1 alone
    b"\x00\x00\x00\x01\x67", b"\x00\x00\x00\x01\x09",  # H.264 alone
    b"\x00\x00\x00\x01\x40\x01", b"\x00\x00\x00\x01\x46\x01",  # HEVC alone
)  # fmt: skip
RIFF = (b"AVI ", b"CDXA")
"""Types of RIFF files: AVI, and files of Video CDs."""
ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""Atoms with which films in QuickTime's format begin if they do not state their type."""
PICTURES = (b"hei", b"hev", b"mif", b"msf", b"avi", b"jp2", b"jpx", b"jpm", b"jxl", b"crx")
"""Beginnings of the brands of pictures in the same format."""
PACKETS = ((188, 0), (192, 4), (204, 0))
"""Sizes of the packets of transport streams, and the position of the first byte of each."""
SYNC = 0x47
LEAST_PACKETS = 5


def begins_like_a_film(path: Path) -> bool:
    """Whether the content of a regular file begins like a film."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return is_beginning(file.read(LOOKED_AT))
    except OSError:
        return False


def is_beginning(content: bytes) -> bool:
    """Whether these are the first bytes of a film."""
    if content.startswith(BEGINNINGS):
        return True
    if content.startswith(b"RIFF"):
        return content[8:12] in RIFF
    if content[4:8] == b"ftyp":
        return not content[8:12].lower().startswith(PICTURES)
    return content[4:8] in ATOMS or bool(packets_of(content)[0])


def packets_of(content: bytes) -> tuple[int, int]:
    """The size of the packets of a transport stream with this beginning, and the position of the
    first byte of each; zeros if it is none.
    """
    for size, offset in PACKETS:
        # A recording may begin within a packet.
        for start in range(offset, size + offset):
            found = content[start::size][:LEAST_PACKETS]
            if len(found) == LEAST_PACKETS and found == bytes([SYNC]) * LEAST_PACKETS:
                return size, offset
    return 0, 0
