"""A photograph and all that is done with it: coloured, finished, repaired, undone, shown."""
