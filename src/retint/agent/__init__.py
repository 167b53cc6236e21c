"""Tools for AI agents over the Model Context Protocol, confined to folders of the user's choice."""
