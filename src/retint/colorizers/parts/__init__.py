"""What several methods are made of: networks in files, framing, noise, and what follows a guess."""
