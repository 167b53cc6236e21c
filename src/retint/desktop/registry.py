"""Keys of the current user in the registry of Windows."""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Any


class Registry:
    """Keys by their paths; values are texts."""

    def __init__(self) -> None:
        # Only there on Windows, so that type checkers of other systems do not know it.
        self._winreg: Any = importlib.import_module("winreg")
        self._root = self._winreg.HKEY_CURRENT_USER

    def read(self, path: str, name: str = "") -> str | None:
        """A value; None if it is missing or no text."""
        try:
            with self._winreg.OpenKey(self._root, path) as key:
                value, _ = self._winreg.QueryValueEx(key, name)
        except OSError:
            return None
        return value if isinstance(value, str) else None

    def write(self, path: str, name: str, value: str) -> None:
        """Set a value, in a key that is made if it is missing; raises OSError."""
        with self._winreg.CreateKey(self._root, path) as key:
            self._winreg.SetValueEx(key, name, 0, self._winreg.REG_SZ, value)

    def remove(self, path: str, name: str) -> None:
        """Remove a value if it is there; raises OSError."""
        with (
            suppress(FileNotFoundError),
            self._winreg.OpenKey(self._root, path, 0, self._winreg.KEY_SET_VALUE) as key,
        ):
            self._winreg.DeleteValue(key, name)

    def has(self, path: str) -> bool:
        """Whether a key is there."""
        try:
            self._winreg.OpenKey(self._root, path).Close()
        except OSError:
            return False
        return True

    def remove_tree(self, path: str) -> None:
        """Remove a key with all that is in it; raises OSError."""
        for name in self._names(path):
            self.remove_tree(rf"{path}\{name}")
        self._winreg.DeleteKey(self._root, path)

    def remove_empty(self, path: str, stop: str) -> None:
        """Remove a key without content, and those above it that have none then, up to `stop`."""
        while path != stop and self._is_empty(path):
            with suppress(OSError):
                self._winreg.DeleteKey(self._root, path)
            path = path.rpartition("\\")[0]

    def _names(self, path: str) -> list[str]:
        with self._winreg.OpenKey(self._root, path) as key:
            count, _, _ = self._winreg.QueryInfoKey(key)
            return [self._winreg.EnumKey(key, index) for index in range(count)]

    def _is_empty(self, path: str) -> bool:
        """Whether a key is missing, or neither has keys nor values."""
        try:
            with self._winreg.OpenKey(self._root, path) as key:
                keys, values, _ = self._winreg.QueryInfoKey(key)
        except OSError:
            return not self.has(path)
        return not (keys or values)
