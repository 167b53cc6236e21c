"""JPEG files below the pixel level: segments, scans and coefficients."""
