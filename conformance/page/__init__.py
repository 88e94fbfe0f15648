"""The readiness page and what programs read of a decision."""
