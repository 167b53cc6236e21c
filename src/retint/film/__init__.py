"""Films: consistent colours for all frames, everything else unchanged. Requires `retint[film]`."""
