"""State of the server: pictures, films, networks, work in progress."""
