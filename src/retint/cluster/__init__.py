"""Runs on many machines: object storage, coloured with Ray Data. Requires `retint[cluster]`."""
