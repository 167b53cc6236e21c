"""A network that finds the thing at a place, to limit a dot of color to it.

    python -m tools.things.train PACK BACKBONE.safetensors --seconds 90 -o things.safetensors
    python -m tools.things.export things.safetensors -o things.onnx
    python benchmarks/quality/things.py data/val

It is neither shipped nor used yet: trained for 12 minutes on a share of one core, it finds the
region of a dot's color no better than distance and lightness do. `train` trains it on a GPU, on
pictures of `tools.packed` and a backbone of `tools.semantics.vit`; `observed` trains a smaller one
on a CPU, on what `tools.semantics.observe` has stored; `export` writes the file of either.
"""
