"""How weights/semantics.onnx is made: backbone, observe, train, export (docs/training.md)."""
