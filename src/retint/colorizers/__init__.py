"""The registry of methods that turn lightness into chroma.

A method is one file in this package and one line of `METHODS`. Its module is imported only when it
is requested, since methods need different libraries. The class of a method states what it can do.
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
    "GUIDED",
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
"""The default method."""

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
"""Module in this package and class name, by method name."""
PLUGINS = "retint.methods"
"""Group of entry points with which other packages add methods (docs/bring.md)."""


def method_class(name: str) -> type[Colorizer]:
    """Return the class of a method.

    Raises
    ------
    UsageError
        If there is no such method; the message suggests similar names.
    """
    if name in METHODS:
        module, kind = METHODS[name].split(":")
        found: type[Colorizer] = getattr(importlib.import_module(f"{__name__}.{module}"), kind)
        return found
    plugins = _plugins()
    if name not in plugins:
        raise unknown("method", name, method_names())
    return _load_plugin(plugins[name])


def method_names() -> list[str]:
    """Names of all methods, plug-ins last."""
    return [*METHODS, *(name for name in _plugins() if name not in METHODS)]


@functools.cache
def _plugins() -> dict[str, EntryPoint]:
    """Entry points of installed packages; packages in the working directory are ignored."""
    # Imported here because it takes as long to import as the rest of the command line.
    from importlib.metadata import distributions

    found: dict[str, EntryPoint] = {}
    for package in distributions(path=children.search_path()):
        for each in package.entry_points.select(group=PLUGINS):
            found.setdefault(each.name, each)
    return found


def _load_plugin(plugin: EntryPoint) -> type[Colorizer]:
    """The class of a plug-in; raises UsageError if it is not a colorizer."""
    try:
        found = plugin.load()
    except Exception as error:  # a plug-in may raise anything
        raise UsageError(
            f"cannot load method {plugin.name} from {plugin.value}: {error}"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Colorizer)):
        raise UsageError(f"method {plugin.name}: {plugin.value} is not a Colorizer")
    return found


def load_colorizer(name: str, **options: Any) -> Colorizer:
    """Load a method with its options.

    Raises
    ------
    UsageError
        If there is no such method or option; the message suggests similar names.
    WeightsError
        If its weights are missing or cannot be used.
    """
    kind = method_class(name)
    known = kind.Options.described()
    own = {option: value for option, value in options.items() if option in known}
    further = {option: value for option, value in options.items() if option not in known}
    chosen = _with_options(name, kind, own)
    inner = {role: getattr(chosen, role) for role in kind.made_of}
    passed = method_class(inner[kind.passes_on_to]) if kind.passes_on_to else None
    for option in further:
        if passed is None or option not in passed.Options.described():
            raise unknown(f"option of {name}", option, known | _options_of(passed))
    machine = {"device": chosen.device, "threads": chosen.threads}
    parts: dict[str, Colorizer] = {}
    for role, method in inner.items():
        given = machine
        if role == kind.passes_on_to:
            # Options of both methods go to the outer one.
            shared = known.keys() & _options_of(passed).keys()
            given = {each: getattr(chosen, each) for each in shared} | further
        parts[role] = load_colorizer(method, **given)
    # The constructor of a composite method takes further arguments that the base class does not
    # declare.
    build: Any = kind
    colorizer: Colorizer = build(chosen, **parts)
    return colorizer


def _options_of(kind: type[Colorizer] | None) -> dict[str, Any]:
    return {} if kind is None else kind.Options.described()


def _with_options(name: str, kind: type[Colorizer], options: dict[str, Any]) -> Any:
    try:
        return kind.Options(**options)
    except UsageError:
        raise
    except (TypeError, ValueError) as error:
        raise UsageError(f"options of {name}: {error}") from None
