"""The sets that can be compared: a release as shipped or imported, or a folder of schema files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import UserError
from conformance.resources import schemas_root
from conformance.schema.catalog import ENTRY, overlay
from conformance.schema.files import read_schema_file
from conformance.schema.store import ImportedSet, imported_set
from conformance.versions import Version, nearest_release

_MOST_FILES = 5000
_SHIPPED, _IMPORTED = "shipped:", "imported:"


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """One set of schemas and what it is called."""

    label: str
    version: Version | None
    """The version that it was asked for by; None of a folder, which says nothing of it."""
    files: Mapping[str, Path]
    entries: tuple[str, ...]
    """The files to begin with; what they import and include belongs to the set too."""


def find_source(text: str) -> SchemaSource:
    """Return the set that ``text`` names.

    ``40.4.3`` is that release, by imported schemas where there are some; ``shipped:40.4.3`` and ``imported:40.4.3``
    say which; anything else is a folder. Raises UserError.
    """
    for prefix in (_SHIPPED, _IMPORTED):
        if text.startswith(prefix):
            version = Version.parse(text.removeprefix(prefix))
            found = imported_set(version) if prefix == _IMPORTED else None
            if found is None and prefix == _IMPORTED:
                raise UserError(f"no schemas of {version} are imported; see 'conformance schemas list'")
            return of_imported(found, version) if found else of_release(version, told="shipped")
    try:
        version = Version.parse(text)
    except UserError:
        return of_folder(Path(text))
    found = imported_set(version)
    return of_imported(found, version) if found else of_release(version)


def of_release(version: Version, root: Path | None = None, *, told: str = "") -> SchemaSource:
    """Return the shipped set that holds at a version, or that of another folder of overlays.

    ``told`` is what is said of it besides the version.
    """
    release = nearest_release(version)
    said = ", ".join(filter(None, (told, "" if version == release else f"schemas of {release}")))
    label = f"{version} ({said})" if said else str(version)
    return SchemaSource(label, version, overlay(root or schemas_root(), release), (ENTRY,))


def of_imported(found: ImportedSet, version: Version) -> SchemaSource:
    """Return an imported set as the one of a version."""
    of = "" if version == found.release else f" as {found.release}"
    return SchemaSource(f"{version} (imported{of})", version, found.files, (ENTRY,))


def of_folder(folder: Path) -> SchemaSource:
    """Return the set of a folder: from its ``message.xsd``, else from every file that has a namespace."""
    if not folder.is_dir():
        advice = "; a zip is looked at by 'conformance schemas import'" if folder.is_file() else ""
        raise UserError(f"{folder}: is neither a release, as 40.4.3, nor a folder of schemas{advice}")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".xsd" and path.is_file())
    if not paths:
        raise UserError(f"{folder}: there are no .xsd files in it")
    if len(paths) > _MOST_FILES:
        raise UserError(f"{folder}: has {len(paths)} .xsd files; more than {_MOST_FILES} are not read")
    files = {path.relative_to(folder).as_posix(): path for path in paths}
    entries = [name for name in files if name.rpartition("/")[2] == ENTRY]
    if len(entries) > 1:
        told = ", ".join(entries[:3])
        raise UserError(f"{folder}: there are several sets in it, each with a {ENTRY}: {told}; name the folder of one")
    if not entries:
        entries = [name for name, path in files.items() if read_schema_file(path).namespace]
    return SchemaSource(folder.as_posix(), None, files, tuple(entries))
