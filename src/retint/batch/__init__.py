"""Processing of many files: naming of outputs, manifests of earlier runs, parallel execution."""
