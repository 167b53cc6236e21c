"""The options of `retint PHOTOS`, in the groups of its help."""

from __future__ import annotations

import click
import cloup

from retint.batch.names import MANIFEST
from retint.cli.completion import complete_method
from retint.cli.flags import (
    A_PATH,
    debug_option,
    device_option,
    flag_for,
    force_option,
    keep_times_option,
    max_pixels_option,
    no_provenance_option,
    own_flags,
    quiet_option,
    threads_option,
)
from retint.cli.selection import SELECTION, recursive_option
from retint.cli.values import OneOf, WholeRange
from retint.colorizers import DEFAULT
from retint.colorizers.options import (
    ChromaDiffusionOptions,
    ControlNetOptions,
    DiffusionOptions,
    ForeignOptions,
    GuidedOptions,
    HybridOptions,
    NetworkOptions,
    ViewOptions,
)
from retint.files.formats import KEEP, OFFERED
from retint.film.containers import CONTAINERS
from retint.film.options import FilmOptions
from retint.options import MachineOptions
from retint.picture.finish import Finish

method_option = cloup.option(
    "--method", shell_complete=complete_method,
    help=f"Method to use; see 'retint methods'.  [default: method of --weights, or {DEFAULT}]",
)  # fmt: skip
WHAT = cloup.option_group(
    "Input",
    recursive_option,
    *SELECTION,
    cloup.option(
        "--recolor", is_flag=True, help="In a batch, color pictures that are already in color, too."
    ),
    max_pixels_option,
)  # fmt: skip
HOW = cloup.option_group(
    "Method",
    method_option,
    *(flag_for(each) for each in (ViewOptions.described() | Finish.described()).values()),
    cloup.option(
        "--chroma-only", is_flag=True, help="Write only the color, as a transparent layer (PNG)."
    ),
    *own_flags(GuidedOptions, NetworkOptions),
    *own_flags(ForeignOptions, MachineOptions),
)  # fmt: skip
HINTS = cloup.option_group(
    "Hints",
    cloup.option(
        "--hint", "hint_texts", multiple=True, metavar="X,Y,COLOR",
        help="A color that you know, and where: 120,80,#b03a2e or 40%,30%,navy. It colors the "
        "thing there, or with a reach (40%,30%,navy@0.4) what is similar nearby. Can be repeated.",
    ),
    cloup.option("--hints", "hints_file", type=A_PATH, help="JSON file with hints."),
    cloup.option(
        "--reference", type=A_PATH, multiple=True,
        help="Color picture of the same things to take colors from, or a folder of them. Can be "
        "repeated: each place takes the colors of the most similar picture. A still of a film, "
        "ref_000040.png or coat.png@00:00:08, sets the colors of that frame.",
    ),
    cloup.option(
        "--references", type=A_PATH, metavar="FOLDER",
        help="Folder of color pictures. The ones most similar to a picture become its references. "
        "An index is kept in the folder.",
    ),
    cloup.option(
        "--remember", type=A_PATH, metavar="FILE",
        help="File of remembered hints, which color the same things in other pictures, and in "
        "other shots of films. The hints for a single picture or film are added to it.",
    ),
    cloup.option(
        "--confidence", type=A_PATH, help="Write a map of the network's confidence to this file."
    ),
)  # fmt: skip
DIFFUSION = cloup.option_group(
    "Diffusion",
    cloup.option(
        "--variants", type=WholeRange(1, 64), default=1, show_default=True,
        help="Number of colorings per picture, for methods that can sample several, such as "
             "chroma-diffusion.",
    ),
    *own_flags(DiffusionOptions, MachineOptions),
    *own_flags(ChromaDiffusionOptions, DiffusionOptions, NetworkOptions),
    *own_flags(ControlNetOptions, DiffusionOptions),
)  # fmt: skip
HYBRID = cloup.option_group("Hybrid", *own_flags(HybridOptions, DiffusionOptions))
FILM = cloup.option_group("Films", *(flag_for(each) for each in FilmOptions.described().values()))
OUTPUT = cloup.option_group(
    "Output",
    cloup.option(
        "-o", "--output", type=click.Path(),
        help="Output file, folder (one file per picture), or - for standard output.",
    ),
    cloup.option(
        "--format", "format_", type=OneOf([KEEP, *OFFERED, *CONTAINERS]), default=KEEP,
        show_default=True, help="Format of the output files, for photographs or films.",
    ),
    cloup.option(
        "--split", is_flag=True,
        help="Write each photograph of an album page to its own file: NAME-1, NAME-2, ...",
    ),
    cloup.option(
        "--resume", is_flag=True,
        help=f"Continue an earlier run: also replace results in {MANIFEST} whose picture or "
             "options have changed.",
    ),
    no_provenance_option,
    cloup.option(
        "--sidecar", is_flag=True,
        help="Write the record into an XMP file beside each picture, not into the picture itself.",
    ),
    cloup.option(
        "--keep-original", default="", metavar="TEXT",
        help="Copy each original beside its result, with this TEXT after its name, such as "
             ".original.",
    ),
    keep_times_option,
    force_option,
    cloup.option(
        "--dry-run", is_flag=True, help="Print the output file of each input, and exit."
    ),
    cloup.option("--json", "as_json", is_flag=True, help="Print one JSON line per picture."),
    quiet_option,
)  # fmt: skip
MACHINE = cloup.option_group(
    "Machine",
    threads_option,
    device_option,
    cloup.option(
        "--workers", type=WholeRange(min=0), default=0,
        help="Pictures processed in parallel; 0 for one per thread.",
    ),
    debug_option,
)  # fmt: skip
