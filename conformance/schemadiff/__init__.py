"""Two sets of schemas held against each other: what is another way on the wire, by rules, and who documents it."""
