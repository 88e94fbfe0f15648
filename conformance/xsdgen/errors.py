"""What the module can not do."""


class Unsupported(Exception):
    """A construct of XSD that nothing can be generated from; the message names it and its place."""
