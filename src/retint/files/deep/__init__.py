"""Colour files with 16 bits per channel, which Pillow does not support."""
