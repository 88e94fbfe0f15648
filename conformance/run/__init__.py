"""Running cases: plan, execute, judge. What comes out is a stream of results, as values."""
