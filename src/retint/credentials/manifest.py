"""What retint states about a coloured picture, as a C2PA manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retint.credentials.library import is_supported
from retint.files.xmp import SOURCE_TYPE
from retint.version import __version__

if TYPE_CHECKING:
    from retint.credentials.signing import Original

COLORED = "c2pa.color_adjustments"
"""The action (C2PA specification 2.2, section 18.15)."""
PARENT = "parentOf"
"""The relationship of an original to what was made from it."""
ASSERTION = "retint.coloring"
"""Label of retint's own assertion."""


def manifest(
    title: str, original: Original | None, record: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The definition of a manifest, as the library takes it.

    Parameters
    ----------
    title
        The file's name.
    record
        The provenance record; without one, only the action is stated.
    """
    agent = {"name": "retint", "version": __version__}
    action: dict[str, Any] = {
        "action": COLORED,
        "digitalSourceType": SOURCE_TYPE,
        "softwareAgent": agent,
        "description": "Colors were predicted for a black-and-white original.",
    }
    own: dict[str, Any] = {}
    digest = ""
    if original is not None:
        digest = original.sha256
        own["original_sha256"] = digest
    if record is not None:
        own["method"] = record.get("Method")
        own["hints"] = "Hints" in record
        own["reference"] = "Reference" in record
    assertions = [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}]
    if own:
        assertions.append({"label": ASSERTION, "data": own})
    found = {"title": title, "claim_generator_info": [agent], "assertions": assertions}
    if original is not None and not is_supported(original.media_type):
        # The library cannot look for credentials in it.
        parent = {"title": original.name, "relationship": PARENT}
        named = {"format": original.media_type, "instance_id": f"sha256:{digest}"}
        found["ingredients"] = [parent | named]
    return found
