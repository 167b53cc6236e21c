"""Entries in the menus of desktops."""
