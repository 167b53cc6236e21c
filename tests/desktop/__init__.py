"""Tests of `retint.desktop`."""
