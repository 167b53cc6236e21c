"""Responses with pictures."""

from __future__ import annotations

import io

from fastapi import Response

from retint import files
from retint.files import Photo
from retint.files.formats import MARK

SHOWN_QUALITY = 90
"""JPEG quality of previews, which are not saved."""


def answer(content: bytes, format: files.Format) -> Response:
    """A response with a file."""
    # The client's name for the picture is not known here.
    name = {"Content-Disposition": f'inline; filename="photo{MARK}{format.endings[0]}"'}
    return Response(content, media_type=format.media_type, headers=name)


def display_response(photo: Photo) -> Response:
    """A response with a picture for display."""
    return answer(jpeg(photo), files.FORMATS["JPEG"])


def jpeg(photo: Photo) -> bytes:
    """Encode for display; JPEG is the fastest."""
    buffer = io.BytesIO()
    files.to_pillow(photo).save(buffer, "JPEG", quality=SHOWN_QUALITY, subsampling=0)
    return buffer.getvalue()
