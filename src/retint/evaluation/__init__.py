"""Evaluation: metrics, runs over folders, reports."""
