"""What methods share: ONNX networks, framing, noise, sampling, and correction of predictions."""
