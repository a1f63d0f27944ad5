"""Writes sbom.json: in CycloneDX, what the program stands on, from the lock file and what packages say of themselves.

The lock names every package for every system. Where one is not installed on this system, its licence is left out.
The ready-made command, cyclonedx-py, is not used: its lists hold addresses of registries.
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """The same lock always gives the same list: it tells no time, and its number is made of the lock."""
    lock = (ROOT / "requirements" / "user.txt").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    root = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        licenses=[LicenseFactory().make_from_string(project["license"])],
    )
    found = {name: (_component(name, version), via) for name, version, via in locked(lock)}
    bom = Bom(components=[component for component, _ in found.values()], serial_number=uuid5(NAMESPACE_OID, lock))
    bom.metadata.component = root
    bom.metadata.timestamp = None
    needed_by = {project["name"]: root, **{name: component for name, (component, _) in found.items()}}
    for component, via in found.values():
        for name in via:
            bom.register_dependency(needed_by[name], [component])
    JsonV1Dot6(bom).output_to_file(str(ROOT / "sbom.json"), allow_overwrite=True, indent=2)


def locked(lock: str) -> list[tuple[str, str, list[str]]]:
    """Name, version and what it is needed by, of each package of a lock file."""
    entries = re.findall(r"^([a-z0-9-]+)==(\S+).*\n((?:[ ].*\n)+)", lock, flags=re.MULTILINE)
    return [(name, version, re.findall(r"# (?:via |  )([a-z0-9-]+)", rest)) for name, version, rest in entries]


def _component(name: str, version: str) -> Component:
    said = _licence(name)
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{name}=={version}",
        purl=PackageURL("pypi", name=name, version=version),
        licenses=[LicenseFactory().make_from_string(said)] if said else [],
    )


def _licence(name: str) -> str | None:
    """What a package says in its newest way of saying it; None if it is not installed."""
    try:
        said = metadata(name).json
    except PackageNotFoundError:
        return None
    listed = [line.rpartition(" :: ")[2] for line in said.get("classifier", []) if line.startswith("License ::")]
    return str(said.get("license_expression") or " OR ".join(listed) or said["license"])


if __name__ == "__main__":
    main()
