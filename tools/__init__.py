"""What the project itself uses: figures in pages, pictures of the README, a judge of KID-lite0."""
