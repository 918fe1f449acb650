"""Invented clients: names that cannot be taken for a person's, and contact details that reach nobody."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any, Final

GIVEN: Final = (
    "Ada", "Alex", "Ari", "Bela", "Blair", "Cam", "Casey", "Dana", "Devon", "Eden", "Eli", "Emery",
    "Finley", "Gale", "Harper", "Ira", "Jamie", "Jess", "Jordan", "Jules", "Kai", "Kim", "Lane",
    "Lee", "Logan", "Marley", "Max", "Morgan", "Nico", "Noa", "Oakley", "Parker", "Quinn", "Reese",
    "Riley", "Robin", "Rowan", "Sam", "Sasha", "Shay", "Skyler", "Sol", "Tal", "Taylor", "Toby",
    "Val", "Wren", "Yael", "Zion",
)  # fmt: skip
# Scripts and signs that a screen, a search and an export must take; each family name says "sample".
OTHER_SCRIPTS: Final = (
    "Zoë Beispiel", "José Muestra", "Łucja Przykład", "Søren Eksempel", "Ağca Örnek", "Nguyên Ví-Dụ",
    "نور عيّنة", "סול דוגמה", "晨 示例", "ハル 見本", "하늘 견본", "Саша Образец", "Άρης Δείγμα", "आशा नमूना",
    "Robin 🌱 Simulated", "Sam 👩🏽‍🌾 Simulated", "Jo O'Sample-Simulated",
)  # fmt: skip
OTHER_SCRIPT_SHARE: Final = 0.12
STREETS: Final = ("Sample Street", "Example Avenue", "Placeholder Road", "Specimen Lane")
RELATIONS: Final = ("mother", "father", "partner", "sibling", "friend", "adult child")


def identity(rng: Random, number: int, today: int) -> dict[str, Any]:
    """The data of ``ClientRegistered``; ``today`` is the day of registration (an ordinal)."""
    age_days = int(365.25 * min(74.0, 18.5 + rng.gammavariate(3.2, 5.6)))
    born = date.fromordinal(today) - timedelta(days=age_days)
    data: dict[str, Any] = {"name": _name(rng, number), "birth_date": born.isoformat()}
    data["sex"] = rng.choices(("male", "female", "other"), (63, 36, 1))[0]
    data["phone"] = phone(rng)
    if rng.random() < 0.8:
        data["email"] = f"sim-{number:06d}@example.org"
    if rng.random() < 0.85:
        data["address"] = f"{rng.randint(1, 999)} {rng.choice(STREETS)}, Simulated Town"
    if rng.random() < 0.75:
        data["emergency_contact"] = f"{rng.choice(RELATIONS)} (simulated), {phone(rng)}"
    return data


def phone(rng: Random) -> str:
    """A number out of the range that is kept for fiction."""
    return f"{rng.choice((212, 303, 512, 602))}-555-{rng.randint(100, 199):04d}"


def _name(rng: Random, number: int) -> str:
    if rng.random() < OTHER_SCRIPT_SHARE:
        return f"{rng.choice(OTHER_SCRIPTS)} {number:04d}"
    family = "Simulated" if rng.random() < 0.5 else "Sample"
    return f"{rng.choice(GIVEN)} {family}-{number:04d}"
