"""The network that finds damage on photographs: made damage, training, export."""
