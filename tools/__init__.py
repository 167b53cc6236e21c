"""Tools of the project: figures in pages, pictures of the README, KID-lite0's feature network."""
