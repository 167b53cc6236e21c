"""Nodes for ComfyUI that colour black-and-white pictures with retint."""

try:
    import retint  # noqa: F401
except ModuleNotFoundError as missing:
    raise ImportError(
        f"the nodes of retint need {missing.name} in the Python that runs ComfyUI"
    ) from None

from .nodes import NODES

NODE_CLASS_MAPPINGS = {each.__name__: each for each in NODES}
NODE_DISPLAY_NAME_MAPPINGS = {each.__name__: each.TITLE for each in NODES}
__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]
