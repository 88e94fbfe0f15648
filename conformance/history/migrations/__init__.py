"""The steps from each revision of the history to the next; frozen, whatever tables.py becomes."""
