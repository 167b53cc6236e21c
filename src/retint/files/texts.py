"""Texts that formats store beside EXIF, XMP and IPTC: PNG's keywords, comments of JPEG and GIF."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, PngImagePlugin

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COMMENT = "Comment"
"""PNG's keyword for what JPEG and GIF call a comment."""
XMP_KEYWORD = "XML:com.adobe.xmp"
"""Keyword of a packet (ISO 16684-3, section 1.1.5)."""
PROFILE = "Raw profile type "
MAX_BYTES = 1 << 24
"""Maximum bytes of a text, and of all texts of a file; further ones are ignored."""
COMPRESSED_FROM = 1000
"""Characters from which texts are stored compressed."""
MAX_KEYWORD = 79
KINDS = {b"tEXt", b"zTXt", b"iTXt"}


@dataclass(frozen=True)
class Text:
    """A text with a keyword (PNG specification, section 11.3.3)."""

    keyword: str
    content: str
    language: str = ""
    """Language tag, such as `de` (RFC 3066)."""
    translated: str = ""
    """The keyword in that language."""
    raw: bytes = b""
    """A comment as JPEG stores it, in an unknown encoding."""

    @property
    def as_comment(self) -> bytes:
        """As JPEG stores it."""
        return self.raw or self.content.encode()

    @classmethod
    def comment(cls, raw: bytes) -> Text:
        return cls(COMMENT, decoded(raw).strip("\0"), raw=raw)


def of(picture: Image.Image) -> list[Text]:
    """The texts of a picture of Pillow's, from its file if that is still open."""
    if picture.format == "PNG":
        stream = getattr(picture, "fp", None)
        if stream is None or stream.closed:
            found: dict[str, str] = getattr(picture, "text", {})
            return [
                Text(keyword, str(content), getattr(content, "lang", None) or "",
                     getattr(content, "tkey", None) or "")
                for keyword, content in found.items()
            ]  # fmt: skip
        before = stream.tell()  # Pillow continues from there
        chunks = list(chunks_of_png(stream))
        stream.seek(before)
        return list(of_chunks(chunks))
    comment = picture.info.get("comment", b"")
    raw = comment.encode() if isinstance(comment, str) else comment
    return [Text.comment(raw)] if isinstance(raw, bytes) and raw else []


def split(found: Iterable[Text]) -> tuple[dict[str, bytes], tuple[Text, ...]]:
    """The profiles that texts of PNG contain (`exif`; `iptc`, which may be within Photoshop's
    resources; `xmp`), and the other texts.

    ImageMagick and ExifTool store profiles in hexadecimal, with their name and length.
    """
    profiles: dict[str, bytes] = {}
    others: list[Text] = []
    for each in found:
        if each.keyword == XMP_KEYWORD:
            profiles["xmp"] = each.content.encode()
        elif each.keyword.startswith(PROFILE):
            with suppress(ValueError):
                content = bytes.fromhex("".join(each.content.split("\n")[3:]))
                profiles |= _profile(each.keyword.removeprefix(PROFILE), content)
        else:
            others.append(each)
    return profiles, tuple(others)


def _profile(name: str, content: bytes) -> dict[str, bytes]:
    if name == "APP1":
        is_exif = content.startswith(b"Exif\0")
        return {"exif": content} if is_exif else {"xmp": content.partition(b"\0")[2]}
    name = {"8bim": "iptc"}.get(name, name)
    return {name: content} if name in ("exif", "iptc", "xmp") else {}


def decoded(raw: bytes) -> str:
    """Text of unknown encoding: UTF-8 if it can be, otherwise that of Windows or Latin-1."""
    for encoding in ("utf-8", "cp1252"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return raw.decode("latin-1")


def chunks_of_png(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of the chunks with metadata, wherever they are: ExifTool adds them at the
    end, and Pillow reads them there only if it decodes the picture.
    """
    left, place = MAX_BYTES, len(SIGNATURE)
    stream.seek(0)
    if stream.read(place) != SIGNATURE:
        return
    while len(head := stream.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        place += 12 + size
        if (kind in KINDS or kind == b"eXIf") and size <= left:
            content = stream.read(size)
            left -= size
            if len(content) == size:
                yield kind, content
        stream.seek(place)


def of_chunks(chunks: Iterable[tuple[bytes, bytes]]) -> Iterator[Text]:
    """The texts among such chunks; broken ones are left out."""
    left = MAX_BYTES
    for kind, content in chunks:
        with suppress(ValueError, zlib.error):
            if kind in KINDS and (text := _of_chunk(kind, content, left)):
                left -= len(text.content)
                yield text


def _of_chunk(kind: bytes, content: bytes, most: int) -> Text | None:
    keyword, rest = content.split(b"\0", 1)
    name = keyword.decode("latin-1")
    if kind == b"tEXt":
        return Text(name, rest.decode("latin-1"))
    if kind == b"zTXt":
        return Text(name, _inflated(rest[1:], most).decode("latin-1"))
    compressed = rest[:1] == b"\1"
    language, translated, text = rest[2:].split(b"\0", 2)
    text = _inflated(text, most) if compressed else text
    return Text(name, text.decode(), language.decode("latin-1"), translated.decode())


def _inflated(content: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj()
    found = unpacker.decompress(content, max(most, 1))
    if unpacker.unconsumed_tail:
        raise ValueError("too long")
    return found


def put_into_png(chunks: PngImagePlugin.PngInfo, texts: Iterable[Text]) -> None:
    """Add texts to the chunks of a file: as Latin-1 where that suffices."""
    for each in texts:
        if not 0 < len(each.keyword) <= MAX_KEYWORD:
            continue
        long = len(each.content) > COMPRESSED_FROM
        international = bool(each.language or each.translated) or not _is_latin(each.content)
        if international:
            chunks.add_itxt(each.keyword, each.content, each.language, each.translated, zip=long)
        else:
            chunks.add_text(each.keyword, each.content, zip=long)


def _is_latin(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def exif_of_png(picture: Image.Image) -> bytes | None:
    """EXIF that follows the pixels of a file that is still open, or that a text contains."""
    stream = getattr(picture, "fp", None)
    if stream is not None and not stream.closed:
        before = stream.tell()
        own = [content for kind, content in chunks_of_png(stream) if kind == b"eXIf"]
        stream.seek(before)
        if own:
            return own[0]
    return split(of(picture))[0].get("exif")
