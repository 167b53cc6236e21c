"""Answers that are pictures."""

from __future__ import annotations

import io

from fastapi import Response

from retint import files
from retint.files import Photo

SHOWN_QUALITY = 90
"""Of previews, which are looked at and thrown away."""


def answer(content: bytes, format: files.Format) -> Response:
    """A file."""
    # The caller's own name for it is none of ours.
    name = {"Content-Disposition": f'inline; filename="photo.retint{format.endings[0]}"'}
    return Response(content, media_type=format.media_type, headers=name)


def looked_at(photo: Photo) -> Response:
    """A picture to be looked at."""
    return answer(jpeg(photo), files.FORMATS["JPEG"])


def jpeg(photo: Photo) -> bytes:
    """What is encoded fastest."""
    buffer = io.BytesIO()
    files.to_pillow(photo).save(buffer, "JPEG", quality=SHOWN_QUALITY, subsampling=0)
    return buffer.getvalue()
