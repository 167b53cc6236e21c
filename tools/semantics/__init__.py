"""How weights/semantics.onnx is made (docs/training.md).

On a CPU: observe, train, export; on a GPU: packed, vit, finetune, export.
"""
