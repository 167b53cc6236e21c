"""Archives of retint with Python in them, for machines without Python.

    python -m tools.portable TARGET [--system linux|windows] [--python FOLDER]

TARGET becomes a folder with the archive. Python comes from python-build-standalone by uv, unless
FOLDER is an installation of the wanted system and of the version in `systems.VERSION`; libraries
that it needs from a Linux system besides those of glibc are copied into the archive (`ldd`,
`patchelf`).
"""
