"""A photograph's JPEG file: what of it results keep, and whether its coefficients can be kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from retint.files import icc
from retint.files.jpeg import metadata
from retint.files.jpeg.metadata import COM, Resource, Segment
from retint.files.jpeg.segments import (
    APP0,
    APP1,
    APP2,
    APP11,
    APP13,
    APP14,
    APP15,
    BASELINE,
    EXTENDED,
    FRAMES,
    PROGRESSIVE,
    BrokenError,
    Frame,
    end_of,
    frame_of,
    segments,
)
from retint.files.metadata import Metadata
from retint.files.texts import Text

WRITTEN_ANEW = (
    (APP0, b"JFIF\0"), (APP0, b"JFXX\0"), (APP1, b"Exif\0"), (APP1, b"http://ns.adobe.com/x"),
    (APP2, b"ICC_PROFILE\0"), (APP13, b"Photoshop 3.0\0"), (APP14, b"Adobe"), (APP2, b"MPF\0"),
)  # fmt: skip
"""Segments that the result replaces, or that point to further pictures; all others are copied."""
CREDENTIALS = (APP11, b"JP")
"""JPEG's universal metadata boxes, which contain signatures of the original file (C2PA)."""
QUALITY = b"Ducky"
"""Beginning of a segment in which Photoshop states the quality of the original file."""
NAME = re.compile(rb"[\w .:/+-]{2,40}")
"""Beginning of a segment that names its program or format."""
MAX_BYTES = 200_000_000
ANOTHER_PICTURE, A_FILM = b"\xff\xd8\xff", b"ftyp"
"""Starts of what may follow a picture in its file."""
PADDING = b"\0\xff \t\r\n\x1a"
"""Bytes that cameras and transfers add after a picture."""
SIGNED = "content credentials (C2PA) were left out: they sign the original file"
SAMPLINGS = ((1, 1), (2, 1), (1, 2), (2, 2))


@dataclass(frozen=True)
class JpegSource:
    """The bytes of a photo's file, kept if their coefficients may be used."""

    content: bytes
    orientation: int
    """EXIF orientation; the photo's pixels are rotated, the coefficients are not."""
    metadata: Metadata = field(default_factory=Metadata)
    """As the file contains it, for the coefficients."""

    @classmethod
    def of(cls, content: bytes, orientation: int, said: Metadata) -> JpegSource:
        """A file with metadata as read by Pillow, which lacks parts in several segments."""
        found = cls(content, orientation)
        return replace(found, metadata=found.complete(said))

    @cached_property
    def head(self) -> list[Segment]:
        """All segments before the first scan; raises BrokenError."""
        return list(segments(self.content))

    @cached_property
    def frame(self) -> Frame:
        """Raises BrokenError if there is none."""
        for each in self.head:
            if each.marker in FRAMES:
                return frame_of(each)
        raise BrokenError("no frame header")

    @property
    def sampling(self) -> tuple[int, int]:
        """Luma pixels per chroma pixel, across and down; (2, 2) if there is no chroma."""
        components = self.frame.components
        if len(components) == 1:
            return 2, 2
        return components[0][1], components[0][2]

    @property
    def further(self) -> list[Segment]:
        """Segments that are copied because nothing else writes them: data of cameras, scanners and
        Photoshop (paths, guides), comments.
        """
        comments = [each for each in self.head if each.marker == COM]
        return comments + self._of_programs + metadata.photoshop_segments(self._resources)

    @property
    def _of_programs(self) -> list[Segment]:
        return [
            each
            for each in self.head
            if APP0 <= each.marker <= APP15
            and not any(_begins(each, start) for start in (*WRITTEN_ANEW, CREDENTIALS))
        ]

    @property
    def _resources(self) -> list[Resource]:
        known = metadata.resources(self.head)
        return [each for each in known if each.number not in metadata.STALE]

    @property
    def only_here(self) -> list[str]:
        """Names of what only a JPEG with the same coefficients keeps."""
        try:
            others = [each for each in self._of_programs if not each.content.startswith(QUALITY)]
            names = map(_named, others)
            return list(dict.fromkeys(names)) + ["Photoshop's resources"] * bool(self._resources)
        except BrokenError:
            return []

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """What else the file contains and results do not, one line each."""
        return self._without_credentials + self._after_the_picture

    @property
    def _without_credentials(self) -> tuple[str, ...]:
        try:
            signed = any(_begins(each, CREDENTIALS) for each in self.head)
        except BrokenError:
            return ()
        return (SIGNED,) if signed else ()

    @property
    def _after_the_picture(self) -> tuple[str, ...]:
        rest = self.content[end_of(self.content) :]
        kinds = ((ANOTHER_PICTURE, "a further picture in its file was left out, such as a preview, "
                  "a depth map or a gain map"),
                 (A_FILM, "the film in its file was left out"))  # fmt: skip
        found = tuple(remark for start, remark in kinds if start in rest)
        if not found and rest.strip(PADDING):
            return ("data after the picture in its file was left out",)
        return found

    def complete(self, said: Metadata) -> Metadata:
        """Metadata as read by Pillow, with parts that are stored in several segments."""
        try:
            packet = metadata.complete_xmp(said.xmp, self.head)
            iptc = metadata.iptc_of(self.head) or said.iptc
            comments = [each.content for each in self.head if each.marker == COM]
            return replace(said, xmp=packet, iptc=iptc, texts=tuple(map(Text.comment, comments)))
        except BrokenError:
            return said

    @cached_property
    def why_not(self) -> str:
        """Why its coefficients cannot be kept; empty if they can."""
        try:
            return self._why_not()
        except BrokenError as error:
            return f"its segments are broken ({error})"

    def _why_not(self) -> str:
        frame = self.frame
        count = len(frame.components)
        if len(self.content) > MAX_BYTES:
            return "it is too large"
        if frame.bits != 8:
            return f"it has {frame.bits} bits"
        if frame.marker not in (BASELINE, EXTENDED, PROGRESSIVE):
            return "it uses arithmetic or lossless coding"
        if count == 4:
            return "it is CMYK"
        if count not in (1, 3) or (count == 3 and self._is_rgb):
            return "it is stored as RGB"
        if count == 3 and (
            self.sampling not in SAMPLINGS or any(c[1:] != (1, 1) for c in frame.components[1:])
        ):
            return "its chroma subsampling is unusual"
        profile = self._profile
        if profile and not icc.is_srgb(profile, grey=count == 1):
            return "its color profile is not sRGB"
        return ""

    @property
    def _is_rgb(self) -> bool:
        """Decided as in libjpeg: by Adobe's marker, else by JFIF's, else by the component
        identifiers.
        """
        for each in self.head:
            if each.marker == APP14 and each.content.startswith(b"Adobe"):
                return len(each.content) < 12 or each.content[11] != 1
        if any(each.marker == APP0 and each.content.startswith(b"JFIF") for each in self.head):
            return False
        return bytes(each[0] for each in self.frame.components) == b"RGB"

    @property
    def _profile(self) -> bytes:
        parts = [
            each.content[14:]
            for each in self.head
            if each.marker == APP2 and each.content.startswith(b"ICC_PROFILE\0")
        ]
        return b"".join(parts)


def _begins(segment: Segment, start: tuple[int, bytes]) -> bool:
    return segment.marker == start[0] and segment.content.startswith(start[1])


def _named(segment: Segment) -> str:
    """APP12 Ducky, for example."""
    found = NAME.match(segment.content)
    name = f" {found[0].decode('ascii', 'replace').strip()}" if found else ""
    return f"APP{segment.marker - APP0}{name}"
