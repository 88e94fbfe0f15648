"""Imported schemas: where they are kept, which there are, and that one takes the place of another in one step.

``<release>.json`` names the folder of the set that holds; only it is replaced, so a reader finds the old set or the
new one, never half of either.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.config import find_file, section
from conformance.errors import UserError
from conformance.versions import Version, nearest_release

_SECTION = "schemas"
_FOLDER = "folder"
_STAGING = ".staging-"


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """Schemas that the user has from the provider; they are the authority for their release."""

    release: Version
    folder: Path
    source: str
    """The name of the archive or folder that they came from."""
    imported: str
    """When, as an ISO time."""

    @property
    def files(self) -> dict[str, Path]:
        """The files, by relative name."""
        return {path.relative_to(self.folder).as_posix(): path for path in sorted(self.folder.rglob("*.xsd"))}


def store_folder(config: Path | None = None) -> Path:
    """Return the folder of imported schemas.

    That is ``folder`` of ``[schemas]`` in a settings file (default: the one that applies here), else the user's own
    folder for data. Raises UserError for a section that says anything else.
    """
    path = config or find_file()
    said = section(path, _SECTION) if path else {}
    if path and (set(said) - {_FOLDER} or not isinstance(said.get(_FOLDER, ""), str)):
        raise UserError(f"{path}: [{_SECTION}] has one key, {_FOLDER}, which is a path")
    if path and said.get(_FOLDER):
        return (path.absolute().parent / Path(str(said[_FOLDER])).expanduser()).resolve()
    data = os.environ.get("XDG_DATA_HOME", "")
    # The specification of these folders has a relative one ignored.
    home = Path(data) if Path(data).is_absolute() else Path("~/.local/share").expanduser()
    return home / "conformance" / _SECTION


def imported_set(version: Version, config: Path | None = None) -> ImportedSet | None:
    """Return the imported set that holds at a version: its own, else that of the release whose rules hold then."""
    folder = store_folder(config)
    return _read(folder, version) or _read(folder, nearest_release(version))


def imported_sets(config: Path | None = None) -> list[ImportedSet]:
    """Return all imported sets, oldest release first."""
    folder = store_folder(config)
    releases = [Version.parse(path.stem) for path in folder.glob("*.json")]
    return [found for release in sorted(releases) if (found := _read(folder, release))]


def _read(folder: Path, release: Version) -> ImportedSet | None:
    pointer = folder / f"{release}.json"
    try:
        said = json.loads(pointer.read_text(encoding="utf-8"))
        found = ImportedSet(release, folder / Path(said["folder"]).name, str(said["source"]), str(said["imported"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{pointer}: can not be read; import the schemas of {release} again, or remove them by"
            f" 'conformance schemas remove {release}'"
        ) from error
    if not found.folder.is_dir():
        raise UserError(f"{pointer}: the schemas that it names are gone; import those of {release} again")
    return found


@contextmanager
def staged(config: Path | None = None) -> Iterator[Path]:
    """Yield an empty folder beside the imported sets, that ``keep`` can take; what is left of it is removed."""
    folder = store_folder(config)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
    except OSError as error:
        raise UserError(f"{folder}: imported schemas can not be kept there: {error.strerror}") from error
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def keep(staging: Path, release: Version, source: str, imported: str) -> ImportedSet:
    """Make a staged set the one of its release, in place of the one that was."""
    store = staging.parent
    kept = store / f"{release}-{staging.name.removeprefix(_STAGING)}"
    staging.rename(kept)
    kept.chmod(0o755)
    pointer = store / f"{release}.json"
    new = kept / ".pointer"
    new.write_text(_text({"folder": kept.name, "source": source, "imported": imported}), encoding="utf-8")
    new.replace(pointer)
    _sweep(store, release, kept.name)
    return ImportedSet(release, kept, source, imported)


def remove(release: Version, config: Path | None = None) -> bool:
    """Remove the imported set of a release; tell whether there was one."""
    store = store_folder(config)
    try:
        (store / f"{release}.json").unlink()
    except FileNotFoundError:
        return False
    _sweep(store, release, "")
    return True


def _sweep(store: Path, release: Version, kept: str) -> None:
    """Remove the folders of a release that no pointer names any more."""
    for folder in store.glob(f"{release}-*"):
        if folder.name != kept:
            shutil.rmtree(folder, ignore_errors=True)


def _text(said: Mapping[str, str]) -> str:
    return json.dumps(said, indent=1) + "\n"
