"""Whether a version can be taken: profile and traffic against changes and evidence, by a policy."""
