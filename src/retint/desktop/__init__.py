"""Entries in the menus of Linux desktops."""
