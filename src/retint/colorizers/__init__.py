"""The methods that turn lightness into chroma, by name.

A method is one file of this folder and one line of `METHODS`. Its module is imported when it is
asked for, not before: a method may need a library that another does without. What a method is and
can do is said by its class.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

from retint import children
from retint.colorizers.base import GUIDED, Colorizer, Look, is_varied, paints, takes_hints
from retint.errors import UsageError, unknown

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = [
    "DEFAULT",
    "METHODS",
    "Colorizer",
    "Look",
    "is_varied",
    "load_colorizer",
    "method_class",
    "method_names",
    "paints",
    "takes_hints",
]

DEFAULT = GUIDED
"""The method that is used where none is named."""

METHODS = {
    "gray": "flat:Gray",
    "mean": "flat:Mean",
    "unet": "unet:UNet",
    "resnet-unet": "resnet_unet:ResNetUNet",
    "guided-unet": "guided_unet:GuidedUNet",
    "chroma-diffusion": "chroma_diffusion:ChromaDiffusion",
    "hybrid": "hybrid:Hybrid",
    "controlnet": "controlnet:ControlNet",
    "ddcolor": "foreign:DDColor",
    "deoldify": "foreign:DeOldify",
    "eccv16": "foreign:ECCV16",
    "siggraph17": "foreign:SIGGRAPH17",
}
"""Module of this folder and class, by what the method is called."""
PLUGINS = "retint.methods"
"""The group of entry points by which other packages add methods (docs/bring.md)."""


def method_class(name: str) -> type[Colorizer]:
    """The class of a method.

    Raises
    ------
    UsageError
        If there is no such method; the message names the nearest ones.
    """
    if name in METHODS:
        module, kind = METHODS[name].split(":")
        found: type[Colorizer] = getattr(importlib.import_module(f"{__name__}.{module}"), kind)
        return found
    plugins = _plugins()
    if name not in plugins:
        raise unknown("method", name, method_names())
    return _loaded(plugins[name])


def method_names() -> list[str]:
    """All methods, those of other packages last."""
    return [*METHODS, *(name for name in _plugins() if name not in METHODS)]


@functools.cache
def _plugins() -> dict[str, EntryPoint]:
    """Entry points of installed packages; what lies in the working folder is none."""
    # Here, as it takes as long to import as all of the command line.
    from importlib.metadata import distributions

    found: dict[str, EntryPoint] = {}
    for package in distributions(path=children.search_path()):
        for each in package.entry_points.select(group=PLUGINS):
            found.setdefault(each.name, each)
    return found


def _loaded(plugin: EntryPoint) -> type[Colorizer]:
    """The class of another package's method; raises UsageError where it is none."""
    try:
        found = plugin.load()
    except Exception as error:  # whatever a stranger's module raises
        raise UsageError(
            f"method {plugin.name} cannot be loaded from {plugin.value}: {error}"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Colorizer)):
        raise UsageError(f"method {plugin.name}: {plugin.value} is no Colorizer")
    return found


def load_colorizer(name: str, **options: Any) -> Colorizer:
    """Load a method with its options.

    Raises
    ------
    UsageError
        If there is no such method or option; the message names the nearest ones.
    WeightsError
        If its weights are missing or cannot be used.
    """
    kind = method_class(name)
    known = kind.Options.described()
    own = {option: value for option, value in options.items() if option in known}
    further = {option: value for option, value in options.items() if option not in known}
    chosen = _made(name, kind, own)
    inner = {role: getattr(chosen, role) for role in kind.made_of}
    passed = method_class(inner[kind.passes_on_to]) if kind.passes_on_to else None
    for option in further:
        if passed is None or option not in passed.Options.described():
            raise unknown(f"option of {name}", option, known | _described(passed))
    machine = {"device": chosen.device, "threads": chosen.threads}
    parts: dict[str, Colorizer] = {}
    for role, method in inner.items():
        given = machine
        if role == kind.passes_on_to:
            # What both have is the outer method's to say.
            shared = known.keys() & _described(passed).keys()
            given = {each: getattr(chosen, each) for each in shared} | further
        parts[role] = load_colorizer(method, **given)
    # A class that is made of other methods takes them, which its base class cannot say.
    build: Any = kind
    colorizer: Colorizer = build(chosen, **parts)
    return colorizer


def _described(kind: type[Colorizer] | None) -> dict[str, Any]:
    return {} if kind is None else kind.Options.described()


def _made(name: str, kind: type[Colorizer], options: dict[str, Any]) -> Any:
    try:
        return kind.Options(**options)
    except UsageError:
        raise
    except (TypeError, ValueError) as error:
        raise UsageError(f"options of {name}: {error}") from None
