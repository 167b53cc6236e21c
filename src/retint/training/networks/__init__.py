"""The networks that can be trained, a file each."""
