"""A network that finds the thing at a place, to limit a dot of color to it.

    python -m tools.things.observed DATA/photos.csv FOLDER --minutes 40 -o things.safetensors
    python -m tools.things.export things.safetensors -o things.onnx
    python benchmarks/quality/things.py data/val

`observed` trains the network of `small` on a CPU, on what `tools.semantics.observe` has stored;
this one is shipped. `train` trains the larger one of `head` on a GPU, on pictures of `tools.packed`
and a backbone of `tools.semantics.vit`. `fine` adds to the small one a layer for finer masks.
`export` writes the file of any of them; only the small one fits the sizes in
`retint.colorizers.parts.things`.
"""
