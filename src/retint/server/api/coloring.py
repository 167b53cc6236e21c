"""Colours an uploaded picture as a request asks; intermediate results are shared."""

from __future__ import annotations

from typing import NamedTuple

from retint.color.lab import Float32
from retint.hints import Hints
from retint.picture.pipeline import View
from retint.picture.reference import Reference
from retint.server.api.wishes import SessionColoring
from retint.server.keep.sessions import KeptPicture, Sessions
from retint.server.keep.workshop import Workshop


class Predicted(NamedTuple):
    """What a method predicts for a picture, before it has a look."""

    view: View
    chroma: Float32
    """a*, b* [h, w, 2] at the working size."""
    hints: Hints
    """Those of the request and of its reference picture."""


def predicted(
    session: KeptPicture, wish: SessionColoring, sessions: Sessions, workshop: Workshop
) -> Predicted:
    """The colours that the method of a request predicts."""
    pipeline = workshop.pipeline(wish.method, wish.options)
    view = session.view(pipeline)
    hints = wish.known
    asked = wish.method, *wish.options.items()
    if wish.reference:
        other = sessions.get(wish.reference).photo
        known = session.made(
            ("reference", wish.reference, *asked), lambda: Reference(pipeline, other).hints(view)
        )
        hints = known + hints
    chroma = session.made(("chroma", *asked, hints), lambda: view.chroma(hints))
    return Predicted(view, chroma, hints)
