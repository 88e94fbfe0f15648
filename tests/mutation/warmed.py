"""A pytest plugin for mutants: schemas are compiled once, before a process is forked for each mutant.

None of the modules that are mutated has a part in compiling them.
"""

from __future__ import annotations

import gc

from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.versions import DEFAULT_VERSION, Version

_compiled = SchemaCatalog.at
_shipped = SchemaCatalog()


def _at(catalog: SchemaCatalog, version: Version) -> SchemaSet:
    return _compiled(_shipped if catalog.root == schemas_root() else catalog, version)


SchemaCatalog.at = _at  # type: ignore[method-assign]
_shipped.at(DEFAULT_VERSION)
gc.disable()  # the processes are short
