"""Run in GIMP's batch mode by check.sh: colour an image, with and without a hint, and compare."""

from gi.repository import Gegl, Gimp, Gio

FOLDER = "/tmp/retint-gimp"


def colour(image, command="retint", **options):
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-retint-colorize")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", image.get_selected_layers())
    config.set_property("command", command)
    for name, value in options.items():
        config.set_property(name.replace("_", "-"), value)
    return procedure.run(config)


def save(image, name):
    Gimp.file_save(
        Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(f"{FOLDER}/{name}"), None
    )


image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(f"{FOLDER}/grey.png"))
result = colour(image)
assert result.index(0) == Gimp.PDBStatusType.SUCCESS, result.index(0)
assert next(layer.get_name() for layer in image.get_layers()) == "Color (retint)"
assert image.get_base_type() == Gimp.ImageBaseType.RGB
save(image, "plain.xcf")
save(image, "plain.png")

blue = Gegl.Color.new("rgb(0.1,0.2,0.9)")
Gimp.context_set_foreground(blue)
hinted = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(f"{FOLDER}/grey.png"))
width, height = hinted.get_width(), hinted.get_height()
hinted.select_rectangle(Gimp.ChannelOps.REPLACE, width // 3, height // 3, width // 3, height // 3)
assert colour(hinted).index(0) == Gimp.PDBStatusType.SUCCESS
save(hinted, "hinted.png")

failed = colour(hinted, command="/no/such/retint")
assert failed.index(0) == Gimp.PDBStatusType.EXECUTION_ERROR
print("retint-gimp: all checks passed")
