"""Generated requests for a site, and what its answers are found to be."""
