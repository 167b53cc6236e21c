"""The part of Python's winreg that retint uses, over a dictionary. Keys ignore case, as there."""

from __future__ import annotations

HKEY_CURRENT_USER = ""
KEY_SET_VALUE = 2
REG_SZ = 1


class Key:
    """An open key."""

    def __init__(self, registry: Winreg, path: str) -> None:
        self.registry, self.path = registry, path

    def __enter__(self) -> Key:
        return self

    def __exit__(self, *_: object) -> None:
        self.Close()

    def Close(self) -> None:  # noqa: N802
        """Nothing is held."""


class Winreg:
    """The module; `keys` has the values of each key by their names."""

    HKEY_CURRENT_USER, KEY_SET_VALUE, REG_SZ = HKEY_CURRENT_USER, KEY_SET_VALUE, REG_SZ

    def __init__(self, *paths: str) -> None:
        self.keys: dict[str, dict[str, str]] = {"": {}}
        self.full = False
        """Whether writing fails."""
        for path in paths:
            self.CreateKey("", path)

    def CreateKey(self, root: str, path: str) -> Key:  # noqa: N802
        """Open a key, and make it and those above it."""
        parts = self._path(root, path).split("\\")
        for count in range(1, len(parts) + 1):
            self.keys.setdefault("\\".join(parts[:count]), {})
        return Key(self, self._path(root, path))

    def OpenKey(self, root: str, path: str, _reserved: int = 0, _access: int = 0) -> Key:  # noqa: N802
        """Open a key that is there."""
        found = self._path(root, path)
        if found not in self.keys:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        return Key(self, found)

    def QueryValueEx(self, key: Key, name: str) -> tuple[str, int]:  # noqa: N802
        """A value and its type."""
        try:
            return self.keys[key.path][name.lower()], REG_SZ
        except KeyError:
            raise FileNotFoundError(2, "The system cannot find the file specified") from None

    def SetValueEx(self, key: Key, name: str, _reserved: int, kind: int, value: str) -> None:  # noqa: N802
        """Set a value."""
        assert kind == REG_SZ
        if self.full:
            raise PermissionError(13, "Access is denied")
        self.keys[key.path][name.lower()] = value

    def DeleteValue(self, key: Key, name: str) -> None:  # noqa: N802
        """Remove a value that is there."""
        self.QueryValueEx(key, name)
        del self.keys[key.path][name.lower()]

    def DeleteKey(self, root: str, path: str) -> None:  # noqa: N802
        """Remove a key without keys in it."""
        found = self.OpenKey(root, path).path
        if self._below(found):
            raise PermissionError(13, "Access is denied")
        del self.keys[found]

    def QueryInfoKey(self, key: Key) -> tuple[int, int, int]:  # noqa: N802
        """Numbers of keys and values, and a time."""
        return len(self._below(key.path)), len(self.keys[key.path]), 0

    def EnumKey(self, key: Key, index: int) -> str:  # noqa: N802
        """The name of a key in another."""
        return self._below(key.path)[index]

    def _below(self, path: str) -> list[str]:
        begin = f"{path}\\"
        rest = [each.removeprefix(begin) for each in self.keys if each.startswith(begin)]
        return [each for each in rest if "\\" not in each]

    @staticmethod
    def _path(root: str, path: str) -> str:
        assert root == HKEY_CURRENT_USER
        return path.lower()
