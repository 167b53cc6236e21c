"""Pictures in files: read, described, written."""
