"""One ONNX graph from an sRGB picture to an sRGB picture: a method and all that is around it."""
