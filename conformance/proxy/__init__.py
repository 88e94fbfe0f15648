"""A recording proxy: passes a client's requests to a site byte for byte, and writes them down without secrets."""
