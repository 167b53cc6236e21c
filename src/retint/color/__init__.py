"""Colour spaces, resizing, and colour names."""
