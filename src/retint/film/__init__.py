"""Films: frames coloured alike, everything else as it was. Needs `retint[film]`."""
