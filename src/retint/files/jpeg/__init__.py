"""JPEG files beneath their pixels: segments, scans and coefficients."""
