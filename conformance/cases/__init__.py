"""The case format: YAML with positions, read into frozen values; fixtures and ``${...}`` values."""
