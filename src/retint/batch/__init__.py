"""Many files: which becomes which, what was done before, what is in colour already."""
