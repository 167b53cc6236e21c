"""The page and the HTTP API: the extra `retint[serve]`."""
