"""Signs the results of a request."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retint import files
from retint.credentials.library import type_of
from retint.credentials.signing import Original, Signer, sign_file, signed
from retint.files import Encoded, Format, Photo
from retint.files.formats import FORMATS, RAW_ENDINGS
from retint.picture.request import Result

UNNAMED = "original"
"""Name of an original from standard input."""


@dataclass(frozen=True)
class Signing:
    """Adds Content Credentials to results."""

    signer: Signer

    @property
    def how(self) -> str:
        """Identifies the signer: SHA-256 of the certificates."""
        return hashlib.sha256(self.signer.chain).hexdigest()

    def __call__(
        self, result: Result, original: Original, titles: Sequence[str], format: Format
    ) -> Result:
        """Encode and sign the pictures of a result.

        Parameters
        ----------
        titles
            Names of the files to be written, one per picture.

        Raises
        ------
        PhotoError
            If the format does not support credentials, or the signature fails.
        """
        pictures: list[Photo | Encoded] = []
        remarks: tuple[str, ...] = ()
        for picture, title in zip(result.pictures, titles, strict=True):
            content = files.encode(picture, format)
            done, remarks = signed(
                content, format.media_type, title, original, result.record, self.signer
            )
            pictures.append(Encoded(done))
        return result._replace(pictures=pictures, remarks=(*result.remarks, *remarks))

    def film(
        self, made: Path, title: str, media_type: str, original: Original,
        record: Mapping[str, Any] | None,
    ) -> tuple[str, ...]:  # fmt: skip
        """Sign a complete film in its place; nothing may change it afterwards.

        Parameters
        ----------
        title
            The name that it will get.

        Returns
        -------
        tuple
            Remarks of one line each.

        Raises
        ------
        PhotoError
            If its type does not support credentials, or the signature fails.
        OSError
            If it cannot be written.
        """
        return sign_file(made, media_type, title, original, record, self.signer)


def original_of(content: bytes, photo: Photo, path: Path | None = None) -> Original:
    """The file that a photo was read from.

    Parameters
    ----------
    path
        None for standard input.
    """
    own = FORMATS.get(photo.format)
    if path is None:
        return Original(UNNAMED, content, own.media_type if own else "")
    is_raw = path.suffix.lower() in RAW_ENDINGS
    media_type = own.media_type if own and not is_raw else type_of(path)
    return Original(path.name, content, media_type)
