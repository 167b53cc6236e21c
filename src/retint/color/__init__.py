"""Colour spaces, the sizes of planes, and colours by name."""
