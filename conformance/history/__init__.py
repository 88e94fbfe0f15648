"""The history: every run, case, step and attempt, in SQLite or PostgreSQL."""
