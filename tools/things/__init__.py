"""How weights/things.onnx is made: train, export (docs/training.md)."""
