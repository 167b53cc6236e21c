"""What is kept for callers and made for them: pictures, films, networks, work."""
