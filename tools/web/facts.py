"""Numbers that the page's modules compute with, from the modules of retint where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from retint.color import bins, lab, resize
from retint.colorizers.guided_unet import GuidedUNet
from retint.colorizers.parts import kriging, semantics, things, upright
from retint.files import FORMATS, xmp
from retint.hints import distance, shapes
from retint.hints import hints as drawn
from retint.picture import dots, grading, pipeline
from retint.picture.looks import LOOKS
from retint.server.api.look_routes import THUMBNAIL_PIXELS
from retint.server.api.pictures import SHOWN_QUALITY
from retint.server.keep import palette
from retint.server.settings import Settings
from retint.version import __version__
from tools.web.capabilities import MOST_PIXELS
from tools.web.models import Packed

COLORS, REST = "COLORS", "REST"
"""What stands in the packets in place of the colours of hints, and of the rest of the record."""


def facts(method: GuidedUNet, models: Mapping[str, Packed]) -> dict[str, Any]:
    """All numbers, by the module that uses them."""
    return {
        "models": {name: each.facts for name, each in models.items()},
        "method": {
            "native": method.native,
            "least": method.size.minimum,
            "multiple": method.size.multiple_of,
            "mostAspect": resize.MAX_ASPECT,
            "mostEnlargement": resize.MAX_ENLARGEMENT,
        },
        "lab": {
            "xyzFromRgb": lab.XYZ_FROM_RGB.tolist(),
            "white": lab.WHITE.tolist(),
            "rgbFromRatios": lab.RGB_FROM_RATIOS.tolist(),
            "lineBelow": lab.LINE_BELOW,
            "lineSlope": lab.LINE_SLOPE,
            "lineStart": lab.LINE_START,
            "cubeAbove": lab.CUBE_ABOVE,
            "gamutSteps": lab.GAMUT_STEPS,
            "gamutTolerance": lab.GAMUT_TOLERANCE,
        },
        "recognizer": {"side": semantics.SIDE, "layers": semantics.LAYERS},
        "upright": {
            "sure": upright.SURE,
            "likely": upright.LIKELY,
            "leastLikely": upright.LEAST_LIKELY,
        },
        "kriging": {
            "reach": kriging.REACH,
            "alike": kriging.ALIKE,
            "noise": kriging.NOISE,
            "most": kriging.MOST,
            "cell": kriging.CELL,
            "coarse": kriging.COARSE,
        },
        "hints": {
            "radius": shapes.RADIUS.percent / 100,
            "alike": drawn.ALIKE,
            "far": distance.REACH,
        },
        "dots": {
            "fill": dots.FILL,
            "from": dots.FROM,
            "to": dots.TO,
            "alike": dots.ALIKE,
            "ownArea": dots.OWN_AREA,
        },
        "things": {
            "side": things.SIDE,
            "nearest": things.NEAREST,
            "colorScale": float(things.COLOR_SCALE),
            "sharpness": things.SHARPNESS,
        },
        "looks": {name: asdict(look.grading) for name, look in LOOKS.items()},
        "grading": {
            "warm": asdict(grading.WARM),
            "warmGain": grading.WARM_GAIN,
            "warmFill": grading.WARM_FILL,
            "faint": grading.FAINT,
            "black": grading.BLACK,
            "dim": grading.DIM,
            "knee": grading.KNEE,
            "leastDyed": grading.LEAST_DYED,
            "dyed": grading.DYED,
            "brush": grading.BRUSH,
            "softEnds": grading.SOFT_ENDS,
            "moved": pipeline.MOVED,
        },
        "palette": {
            "bins": bins.colors().tolist(),
            "apart": palette.APART,
            "least": palette.LEAST,
            "most": palette.MOST,
        },
        "files": {
            "mostPixels": MOST_PIXELS,
            "previewPixels": Settings.preview_pixels,
            "thumbnailPixels": THUMBNAIL_PIXELS,
            "shownQuality": SHOWN_QUALITY,
            "quality": FORMATS["JPEG"].options["quality"],
        },
        "record": _record(method),
    }


def _record(method: GuidedUNet) -> dict[str, str]:
    """XMP packets of a picture with hints and without, that lack only what differs."""
    said = {"Software": f"retint {__version__}", "Method": method.name, "Rest": REST}
    hinted = said | {"Hints": {"color": COLORS}}
    return {
        "plain": xmp.with_provenance(b"", said).decode(),
        "hinted": re.sub(r' retint:Hints="[^"]*"', "", xmp.with_provenance(b"", hinted).decode()),
        "rest": ' retint:Rest="&quot;REST&quot;"',
        "colors": COLORS,
    }
