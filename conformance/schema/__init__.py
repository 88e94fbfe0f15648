"""The XSDs: which file holds at which release, the verdict on a payload, and why it failed."""
