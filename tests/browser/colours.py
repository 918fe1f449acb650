"""Colours as people see them: contrast by WCAG, difference in OKLab, and how dichromats see them.

Sources: WCAG 2.2 (relative luminance); B. Ottosson 2020 (OKLab); Machado, Oliveira and Fernandes 2009, severity 1.
"""

from __future__ import annotations

import re
from pathlib import Path

Colour = tuple[float, float, float]
Matrix = tuple[Colour, Colour, Colour]
CSS = Path(__file__).parent.parent.parent / "api" / "web" / "static" / "app.css"
NORMAL: Matrix = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
VISIONS: dict[str, Matrix] = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
_TO_CONES: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def theme(scheme: str) -> dict[str, Colour]:
    """The colours that app.css names for a scheme, as linear light."""
    light, dark = re.split(r"@media \(prefers-color-scheme: dark\)", CSS.read_text(), maxsplit=1)
    named = dict(_named(light)) | (dict(_named(dark[: dark.index("\n}\n")])) if scheme == "dark" else {})
    return {name: _linear(text) for name, text in named.items()}


def _named(text: str) -> list[tuple[str, str]]:
    return re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text)


def _linear(text: str) -> Colour:
    parts = [int(text[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def difference(one: Colour, other: Colour, vision: Matrix = NORMAL) -> float:
    """How far apart two colours look; 0.02 is just seen between areas that touch."""
    first, second = (_lab(_times(vision, colour)) for colour in (one, other))
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5


def _lab(colour: Colour) -> Colour:
    light = _times(_TO_CONES, (max(colour[0], 0), max(colour[1], 0), max(colour[2], 0)))
    return _times(_TO_LAB, (light[0] ** (1 / 3), light[1] ** (1 / 3), light[2] ** (1 / 3)))


def _times(matrix: Matrix, colour: Colour) -> Colour:
    first, second, third = (sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)
    return first, second, third
