"""Responses with pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

from fastapi import Response

from retint import files
from retint.files import Photo
from retint.files.formats import MARK
from retint.server.problems import LONGEST

SHOWN_QUALITY = 90
"""JPEG quality of previews, which are not saved."""


REMARKS = "Retint-Remarks"
"""Header with the remarks on a result, as a JSON array of lines in ASCII."""
MOST_REMARKS = 20


def answer(content: bytes, format: files.Format, remarks: Sequence[str] = ()) -> Response:
    """A response with a file.

    Parameters
    ----------
    remarks
        What the result lacks, one line each.
    """
    # The client's name for the picture is not known here.
    headers = {"Content-Disposition": f'inline; filename="photo{MARK}{format.endings[0]}"'}
    if remarks:
        headers[REMARKS] = json.dumps([each[:LONGEST] for each in remarks[:MOST_REMARKS]])
    return Response(content, media_type=format.media_type, headers=headers)


def display_response(photo: Photo) -> Response:
    """A response with a picture for display."""
    return answer(jpeg(photo), files.FORMATS["JPEG"])


def jpeg(photo: Photo) -> bytes:
    """Encode for display; JPEG is the fastest."""
    buffer = io.BytesIO()
    files.to_pillow(photo).save(buffer, "JPEG", quality=SHOWN_QUALITY, subsampling=0)
    return buffer.getvalue()
