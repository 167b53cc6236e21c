"""The version of retint."""

__version__ = "0.2.0"
