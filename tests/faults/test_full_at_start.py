"""A projector whose disk is full when it starts says so, and goes on when there is room."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

from pydantic import SecretStr

from domain.commands import Draft
from domain.events import NoteAdded
from infra.bootstrap import open_services
from infra.eventstore.log import Append, Author, NewEntry
from infra.settings import Settings
from tests.infra.privacy.erasure.erasures import KEY, Clock
from tests.spec import NOW

CLIENTS = 200
ROOM = "ulimit -S -f 300; "  # kB: enough to open the files, too little for what is to be written


def test_it_goes_on_when_there_is_room(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/log.db"
    settings = Settings(
        database_url=SecretStr(url), master_key=SecretStr(KEY), erasure_ledger=tmp_path / "erasures", name_search=False
    )
    services = open_services(settings, Clock())
    for number in range(CLIENTS):
        note = NewEntry(Draft(NoteAdded(text="seen"), NOW), Author("a-1", "clinician"))
        services.log.append(Append(f"A-{number}", [note]))
    own = {name: value for name, value in os.environ.items() if not name.startswith("CAREJOURNEY_")}
    given = {"DATABASE_URL": url, "MASTER_KEY": KEY, "ERASURE_LEDGER": str(tmp_path / "erasures")}
    env = own | {f"CAREJOURNEY_{name}": value for name, value in given.items()}
    words = f"{ROOM}exec {Path(sys.executable).parent}/carejourney project run"
    with subprocess.Popen(["bash", "-c", words], cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        said = ""
        for line in running.stderr:
            said += line
            if "follows the log" in line:
                break
        assert "the disk is full" in said
        assert "goes on by itself" in said
        assert services.projector.reached() == 0
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        while services.projector.reached() < CLIENTS:
            assert running.poll() is None, said
        running.send_signal(signal.SIGTERM)
        assert running.wait() == 0
    services.close()
