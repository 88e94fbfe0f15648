"""Archives as the provider packs them: the schemas alone, without our evidence, in one tree or flat."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tiny_api import SERVICE, USER

from conformance.resources import schemas_root
from conformance.schema.catalog import overlay
from conformance.versions import Version

TREE = {
    "schemas/com/webex/service/service.xsd": SERVICE,
    "schemas/com/webex/service/user/user.xsd": USER.replace('"service.xsd"', '"../service.xsd"'),
}


def official(release: Version) -> dict[str, str]:
    """Return the shipped schemas of a release as the provider would have them: no entry, no word of evidence."""
    texts = {name: path.read_text(encoding="utf-8") for name, path in overlay(schemas_root(), release).items()}
    del texts["message.xsd"]
    plain = {name: re.sub(r'\s+(?:xmlns:evidence|evidence:\w+)="[^"]*"', "", text) for name, text in texts.items()}
    return {f"schemas/com/webex/service/{name}": text for name, text in plain.items()}


def flat(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files in one folder, those of a service told apart by its name, with locations of nowhere."""
    found: dict[str, str] = {}
    for name, text in files.items():
        *_, folder, file = name.split("/")
        moved = re.sub(r'(<xs:import [^>]*schemaLocation=")[^"]*"', r'\1http://example.com/schemas/x.xsd"', text)
        own = re.sub(r'(<xs:include schemaLocation=")([^"]*)"', rf'\1{folder}-\2"', moved)
        found[f"{folder}-{file}"] = own
    return found


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path
