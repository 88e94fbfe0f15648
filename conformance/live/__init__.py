"""Live sites: who they are, how callers sign in, what may be done to them, and what was."""
