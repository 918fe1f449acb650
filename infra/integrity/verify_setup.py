"""Verification by the settings: both logs, side tables, every saved head."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from infra.access_log.context import HasPeople
from infra.eventstore.log import EventLog
from infra.eventstore.rows import LogRecorder
from infra.integrity.findings import Report
from infra.integrity.saved_heads import Saved, read_saved
from infra.integrity.seal_setup import ACCESS, CARE, seals_of
from infra.integrity.seal_tables import NamedLog
from infra.integrity.side_tables import wrong_access, wrong_charts, wrong_index
from infra.integrity.signing_key import SigningKey, SigningKeyError
from infra.integrity.verify import Checked, Progress, Verifier


def verify(
    services: HasPeople, heads: Path | None = None, progress: Progress | None = None, *, in_two: bool = False
) -> Report:
    """Verify the logs of care and of access, also against a file of ``heads`` that was saved elsewhere.

    ``in_two``: a second process may help with a long log.

    Raises:
        SavedHeadsError: a file of heads cannot be read.
    """
    log = services.log
    url = services.settings.database_url.get_secret_value() if in_two else ""
    verifier = Verifier(seals_of(services), log.code_key, _saved(services, heads), _own_key(services))
    return verifier.verify(checked_of(log, services.people.log.recorder, url), progress)


def checked_of(log: EventLog, access: LogRecorder, url: str = "") -> list[Checked]:
    """Both logs with the tables beside them. The access log is kept without a master key as well.

    With the ``url`` of the log of care, a second process may help.
    """
    return [
        Checked(
            NamedLog(CARE, log.recorder),
            lambda scan: chain(wrong_index(scan, log.recorder), wrong_charts(scan, log)),
            url=url,
        ),
        Checked(NamedLog(ACCESS, access), lambda scan: wrong_access(scan, access), codes_needed=False),
    ]


def _saved(services: HasPeople, heads: Path | None) -> Saved:
    """The heads of the file that is asked for, and of the one that the settings name."""
    usual = services.settings.heads_path
    files = [heads] if heads is not None else []
    files += [usual] if usual is not None and usual.exists() else []
    saved_heads = [read_saved(path) for path in files]
    return Saved(
        list(dict.fromkeys(head for saved in saved_heads for head in saved.heads)),
        list(dict.fromkeys(key for saved in saved_heads for key in saved.keys)),
    )


def _own_key(services: HasPeople) -> str:
    """The id of the key that signs here; nothing where there is none, as on an auditor's machine."""
    path = services.settings.signing_file
    try:
        return SigningKey.read(path).key_id if path is not None and path.exists() else ""
    except SigningKeyError:
        return ""
