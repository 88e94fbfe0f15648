"""Two runs, nights or sites, held against each other: what moved, and what their answers say differently."""
