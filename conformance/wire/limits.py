"""What a body may cost us, and the parser that keeps to it."""

from __future__ import annotations

from lxml import etree

MAX_BODY = 16 * 1024 * 1024
"""Bytes of a body as received. libxml2's own limits let a 43 MB body of small elements take 600 MB."""

MAX_DECODED = 32 * 1024 * 1024
"""Bytes of a body after its content encoding is undone."""

MAX_RATIO = 100
"""How many times its size a compressed body may expand to."""

MAX_ELEMENTS = 250_000
"""Elements of a request; four million empty ones fit into MAX_BODY and take 2.7 GB to judge."""

MAX_TAGS = 2 * MAX_ELEMENTS
"""Tags, and attributes, of a response, counted before it is parsed: a start and an end for each element."""

MAX_DEPTH = 256
"""Nesting depth of elements; libxml2's own limit, kept for the reader of requests too."""


def parser(*, elements_only: bool = False) -> etree.XMLParser:
    """Return a parser that fetches nothing, expands nothing and repairs nothing; of comments it may be silent."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_blank_text=False,
        remove_comments=elements_only,
        remove_pis=elements_only,
    )
