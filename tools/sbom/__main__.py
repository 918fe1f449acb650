"""Write what the image holds of Python packages as CycloneDX 1.6 JSON: `python -m tools.sbom FILE`, or `make sbom`.

Packages, versions and hashes are those of the lock files that the Dockerfile installs, licences those of the installed
metadata. The same locks give the same file: it has no moment and no random number. What the base image
holds is in the base image's own list.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.markers import Marker

from tools.licences.__main__ import ROOT, installed_licence

# the image's Python and system: locks pin for others too
IMAGE = {
    "python_version": "3.11",
    "python_full_version": "3.11.13",
    "sys_platform": "linux",
    "platform_system": "Linux",
}
LOCKS = ("requirements.lock", "requirements-telemetry.lock")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\\n]+))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_OF_A_LINE = re.compile(r"\n(?=[A-Za-z0-9])")


def pins(root: Path = ROOT) -> Iterator[tuple[str, str, list[str]]]:
    """Name, version and SHA-256 of the files of each package that the image installs, each once."""
    known: set[str] = set()
    for lock in LOCKS:
        for block in _OF_A_LINE.split((root / lock).read_text()):
            found = _PINNED.match(block)
            if found and found[1] not in known and _is_for_the_image(found[3]):
                known.add(found[1])
                yield found[1], found[2], _HASH.findall(block)


def _is_for_the_image(marker: str | None) -> bool:
    return not marker or Marker(marker).evaluate(IMAGE)


def bom(root: Path = ROOT) -> Bom:
    """The list, with the product as what it is of."""
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    product = Component(
        name=project["name"], version=project["version"], type=ComponentType.APPLICATION, bom_ref="product"
    )
    components = [_component(*pin) for pin in sorted(pins(root))]
    said = "".join(sorted(one.bom_ref.value or "" for one in components))
    serial = uuid.UUID(bytes=sha256(f"{project['version']}{said}".encode()).digest()[:16], version=4)
    found = Bom(components=components, metadata=BomMetaData(component=product), serial_number=serial)
    found.register_dependency(product, components)
    return found


def _component(name: str, version: str, hashes: Sequence[str]) -> Component:
    where = PackageURL("pypi", None, re.sub(r"[-_.]+", "-", name).lower(), version)
    licence = installed_licence(name)
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=str(where),
        purl=where,
        external_references=[
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(str(where)),
                comment="any of the files that the lock allows",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
            )
        ],
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
    )


def text(root: Path = ROOT) -> str:
    """The list as JSON."""
    found = json.loads(JsonV1Dot6(bom(root)).output_as_string())
    del found["metadata"]["timestamp"]  # it says what is locked, not when somebody asked
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write it to the file that is named."""
    if len(arguments) != 1:
        sys.stderr.write("sbom: name the file to write, as care-journey.cdx.json\n")
        return 2
    file = Path(arguments[0])
    file.parent.mkdir(parents=True, exist_ok=True)
    written = text()
    file.write_text(written)
    sys.stdout.write(f"{len(json.loads(written)['components'])} packages in {file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
