"""Why a payload is not valid, in xmlschema's words.

xmlschema is slow and can be made slow by what it reads, so it never judges: it is asked only about payloads
that libxml2 has refused, and our schemas hold no pattern that a value could blow up.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from conformance.schema.catalog import SchemaSet
from conformance.schema.findings import MAX_FINDINGS, SchemaFinding, readable
from conformance.wire.names import NAMESPACES

if TYPE_CHECKING:
    import xmlschema


def explain(schemas: SchemaSet, root: etree._Element, findings: list[SchemaFinding]) -> list[SchemaFinding]:
    """Return the findings with what was expected in their place."""
    told = _explanations(schemas, root)
    return [replace(f, expected=told.get(_bare(f.path), "") or _of_parent(f.path, told)) for f in findings]


def _explanations(schemas: SchemaSet, root: etree._Element) -> dict[str, str]:
    import xmlschema  # noqa: PLC0415 - only payloads that are wrong need it

    told: dict[str, str] = {}
    try:
        for error in islice(loaded(schemas).iter_errors(root, namespaces=dict(NAMESPACES)), MAX_FINDINGS):
            told.setdefault(_bare(error.path or "/"), readable(error.reason or str(error.message)))
    except (xmlschema.XMLSchemaException, KeyError, ValueError) as error:
        # It raises, instead of telling, on an xsi:type that it does not know.
        told.setdefault("", readable(str(error).splitlines()[0]))
    return told


@lru_cache(maxsize=4)
def loaded(schemas: SchemaSet) -> xmlschema.XMLSchema10:
    """Return the set as xmlschema has it; loading takes most of a second, so a set is loaded once."""
    import xmlschema  # noqa: PLC0415

    with schemas.materialised() as entry:
        # libxml2 has compiled the set: to look for faults in it again takes twice as long as all the rest.
        return xmlschema.XMLSchema10(str(entry), validation="skip")


def _bare(path: str) -> str:
    """Drop positions, which the two libraries count differently."""
    return "/".join(step.partition("[")[0] for step in path.split("/"))


def _of_parent(path: str, told: dict[str, str]) -> str:
    return told.get(_bare(path).rpartition("/")[0], "") or told.get("", "")


def accepts(schemas: SchemaSet, root: etree._Element) -> bool:
    """Tell whether xmlschema finds a message valid; one whose type it does not know is not."""
    import xmlschema  # noqa: PLC0415

    try:
        return loaded(schemas).is_valid(root, namespaces=dict(NAMESPACES))
    except (xmlschema.XMLSchemaException, KeyError, ValueError):
        return False
