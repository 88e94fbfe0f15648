"""What the tests of the schemas share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import strategies  # noqa: F401 - examples take the time they take
import xmlschema

from conformance.resources import schemas_root
from conformance.schema.catalog import SchemaCatalog, SchemaSet


@pytest.fixture(scope="session")
def catalog() -> SchemaCatalog:
    """The shipped schemas of every release."""
    return SchemaCatalog()


@pytest.fixture(scope="session")
def compiled(schemas: SchemaSet) -> xmlschema.XMLSchema10:
    """What xmlschema makes of the newest release."""
    with schemas.materialised() as entry:
        return xmlschema.XMLSchema10(str(entry))


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str, str], SchemaCatalog]:
    """Return the shipped schemas with one place in one file changed."""

    def edit(name: str, old: str, new: str) -> SchemaCatalog:
        root = tmp_path / "schemas"
        shutil.copytree(schemas_root(), root)
        text = (root / name).read_text()
        assert text.count(old) == 1
        (root / name).write_text(text.replace(old, new))
        return SchemaCatalog(root)

    return edit
