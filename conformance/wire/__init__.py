"""The message: its names, building it, reading it, and keeping secrets out of what is shown of it."""
