"""The web page and the HTTP API; requires `retint[serve]`."""
