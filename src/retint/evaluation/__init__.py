"""How good the colours are: metrics, runs over folders, reports."""
