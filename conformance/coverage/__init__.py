"""What of the API a run, or recorded traffic, has looked at, and what nothing has looked at."""
