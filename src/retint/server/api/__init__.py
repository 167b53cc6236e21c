"""Routes, request models and responses."""
