"""Files of 16 bits a channel, which Pillow neither reads nor writes in colour."""
