#!/usr/bin/env python3
"""Colors > Colorize black-and-white...: adds the colours from the `retint` command as a layer.

The layers of the image stay unchanged; an image in grey mode is converted to RGB. The foreground
colour can serve as a hint for the selection.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("GimpUi", "3.0")
from gi.repository import Gimp, GimpUi, Gio, GLib, GObject  # noqa: E402

PROCEDURE = "plug-in-retint-colorize"
LAYER = "Color (retint)"
LOOKS = {
    "natural": "Natural",
    "vivid": "Vivid",
    "warm-print": "Warm print",
    "kodachrome-like": "Kodachrome-like",
    "hand-tinted": "Hand-tinted",
    "autochrome-like": "Autochrome-like",
}
"""Titles by name; the first is the default."""
PLACES = 12
"""Samples per side of the selection's bounds."""
INSIDE = 127
"""Minimum value of 255 for a selected position."""
REACH = 0.15
"""Reach of each hint; the positions are close to each other."""


class RetintColorize(Gimp.PlugIn):
    """The plug-in's interface for GIMP."""

    def do_query_procedures(self):
        """Names of its procedures."""
        return [PROCEDURE]

    def do_set_i18n(self, _name):
        """No translations."""
        return False

    def do_create_procedure(self, name):
        """The procedure, its menu and its arguments."""
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, run, None)
        procedure.set_image_types("*")
        procedure.set_menu_label("Colorize _black-and-white...")
        procedure.add_menu_path("<Image>/Colors/")
        procedure.set_documentation(
            "Color a black-and-white photograph",
            "Runs the retint command and adds the colors as a separate layer.",
            name,
        )
        procedure.set_attribution("the retint developers", "Apache-2.0", "2026")
        flags = GObject.ParamFlags.READWRITE
        procedure.add_boolean_argument(
            "selection-is-hint",
            "Use foreground _color as a hint for the selection",
            "The foreground color becomes a color hint at the selection",
            True,
            flags,
        )
        looks = Gimp.Choice.new()
        for number, (look, title) in enumerate(LOOKS.items()):
            looks.add(look, number, title, "")
        procedure.add_choice_argument(
            "look", "_Look", "Look of the colors", looks, next(iter(LOOKS)), flags
        )
        procedure.add_double_argument(
            "vividness", "_Vividness", "Factor for the chroma of the colors", 0.0, 3.0, 1.0, flags
        )
        procedure.add_string_argument(
            "command", "Co_mmand", "The retint command, with its path if necessary", "retint", flags
        )
        return procedure


def run(procedure, run_mode, image, _drawables, config, _data):
    """Add the layer, and report errors in one line."""
    if run_mode == Gimp.RunMode.INTERACTIVE:
        GimpUi.init(PROCEDURE)
        dialog = GimpUi.ProcedureDialog.new(procedure, config, "Colorize black-and-white")
        dialog.fill(None)
        wanted = dialog.run()
        dialog.destroy()
        if not wanted:
            return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    Gimp.progress_init("Coloring...")
    image.undo_group_start()
    try:
        add_layer(image, config)
    except (OSError, RuntimeError) as error:
        failure = GLib.Error.new_literal(GLib.quark_from_string(PROCEDURE), str(error), 0)
        return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, failure)
    finally:
        image.undo_group_end()
    Gimp.displays_flush()
    return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)


def add_layer(image, config):
    """Color the visible layers of the image."""
    with tempfile.TemporaryDirectory(prefix="retint-gimp-") as name:
        folder = Path(name)
        grey, colour = folder / "grey.png", folder / "colour.png"
        export(image, grey)
        call = [config.get_property("command"), str(grey), "-o", str(colour), "--chroma-only"]
        call += ["--look", config.get_property("look")]
        call += ["--vividness", f"{config.get_property('vividness'):g}", "--quiet"]
        if config.get_property("selection-is-hint") and (hints := hints_of(image)):
            (folder / "hints.json").write_text(json.dumps(hints))
            call += ["--hints", str(folder / "hints.json")]
        colorize(call)
        if image.get_base_type() != Gimp.ImageBaseType.RGB:
            image.convert_rgb()
        layer = Gimp.file_load_layer(
            Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(str(colour))
        )
        layer.set_name(LAYER)
        # The layer is computed for blending in the picture's own levels, not in linear light.
        layer.set_mode(Gimp.LayerMode.NORMAL_LEGACY)
        image.insert_layer(layer, None, 0)


def export(image, path):
    """Write the visible layers as a PNG."""
    flat = image.duplicate()
    try:
        flat.flatten()
        file = Gio.File.new_for_path(str(path))
        if not Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, flat, file, None):
            raise RuntimeError("the image could not be exported for retint")
    finally:
        flat.delete()


def colorize(call):
    """Run the command; raises RuntimeError with its last line of output.

    GIMP's working directory may contain untrusted files, and the environment of GIMP's Python does
    not apply to the command.
    """
    environment = {name: each for name, each in os.environ.items() if not name.startswith("PYTHON")}
    try:
        with tempfile.TemporaryDirectory(prefix="retint-gimp-") as folder:
            done = subprocess.run(
                call, capture_output=True, text=True, check=False, cwd=folder,
                env=environment | {"PYTHONSAFEPATH": "1"},
            )  # fmt: skip
    except FileNotFoundError:
        raise RuntimeError(
            f"command not found: {call[0]!r}; install retint, or enter the path of its command"
        ) from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise RuntimeError(said[-1] if said else "retint failed without a message")


def hints_of(image):
    """The foreground colour at positions of the selection as a hints file, or None."""
    _, selected, left, top, right, bottom = Gimp.Selection.bounds(image)
    if not selected:
        return None
    red, green, blue, _ = Gimp.context_get_foreground().get_rgba()
    color = "#" + "".join(f"{round(255 * min(1, max(0, each))):02x}" for each in (red, green, blue))
    places = [
        (x, y)
        for x in spread(left, right)
        for y in spread(top, bottom)
        if Gimp.Selection.value(image, x, y) > INSIDE
    ]
    points = [{"x": x, "y": y, "color": color, "reach": REACH} for x, y in places]
    size = [image.get_width(), image.get_height()]
    return {"version": 1, "size": size, "points": points} if points else None


def spread(start, stop):
    """Evenly spaced integers between two bounds."""
    count = min(PLACES, stop - start)
    return [start + int((k + 0.5) * (stop - start) / count) for k in range(count)]


if __name__ == "__main__":
    Gimp.main(RetintColorize.__gtype__, sys.argv)
