"""Proof that a run can fail: sites, and suites, that are wrong in one known way."""
