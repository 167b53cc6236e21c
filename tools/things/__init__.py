"""A network that finds the thing at a place, to limit a dot of color to it.

    python -m tools.packed.write DATA/photos.csv PACK
    python -m tools.things.train PACK semantics.onnx --seconds 4200 --batch 16 -o things.safetensors
    python -m tools.things.export things.safetensors -o things.onnx
    python benchmarks/quality/things.py data/val

With a GPU, the backbone is a file of `tools.semantics.vit`.
"""
