"""Many machines: an index of object storage, coloured by Ray Data. Needs `retint[cluster]`."""
