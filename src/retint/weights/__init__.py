"""Shipped networks: NAME.onnx, and NAME.md, the card that says what each is and how good."""
