"""Rebuild and rollback: new generations beside the live ones, and the switch between them.

Whoever fills generations fills those that it began or took up, and holds a mark on each (see ``filling``). What
nobody holds any more is what a dead process left: it goes when the next one looks.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from domain.entries import microseconds
from domain.errors import ExpectedError
from infra.readmodels.builders import is_marked, marked
from infra.readmodels.generations import Generation
from infra.readmodels.healed_letters import Healer, note_switched
from infra.readmodels.indexes import make_indexes
from infra.readmodels.leases import BUILDING, LeaseLostError
from infra.readmodels.release import NewerReleaseError, standings
from infra.readmodels.removal import drop
from infra.readmodels.timeouts import is_lock_refused
from projections.base import ReadModel

if TYPE_CHECKING:
    from infra.readmodels.projector import Progress, Projector

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.25, 8.0  # between two tries to switch


class NoPreviousError(ExpectedError, LookupError):
    """There is no earlier generation that this release could go on with."""


def renew(projector: Projector, progress: Progress | None) -> list[str]:
    """Build what is outdated, unless somebody went on to a newer release meanwhile; gives the names.

    What another process of this release has begun is filled together with it.
    """
    reads = projector.reads
    with ExitStack() as marks:
        with reads.building() as connection:
            models = _anew(projector, connection)
            _clear(projector, connection, models)
            begun = [_begun(projector, connection, model) for model in models]
            marks.enter_context(marked(reads.engine, [generation.id for generation in begun]))
        _take_over(projector, begun, progress, Healer("rebuild"), automatic=True)
    return [generation.model.name for generation in begun]


def rebuild(projector: Projector, names: Sequence[str], progress: Progress | None, by: str = "") -> list[str]:
    """Build these anew, or without names all that readers see of this release or an older one.

    Raises:
        KeyError: no read model of that name.
        NewerReleaseError: a newer release's is live.
    """
    reads = projector.reads
    models = [reads.models[name] for name in names]
    with ExitStack() as marks:
        with reads.building() as connection:
            _clear(projector, connection)
            newer = _newer(projector, connection)
            models = models or [model for model in reads.models.values() if model not in newer]
            if not models or any(model in newer for model in models):
                raise NewerReleaseError(newer)
            begun = [_new(projector, connection, model) for model in models]
            marks.enter_context(marked(reads.engine, [generation.id for generation in begun]))
        _take_over(projector, begun, progress, Healer("rebuild", by))
    return [model.name for model in models]


def rollback(projector: Projector, name: str | None, progress: Progress | None, by: str = "") -> list[str]:
    """Go back to the generation before, brought to the head; without a name, in all that a newer release has live.

    It is filled as what it is, and the switch is one transaction: a rollback that was cut off is done again.

    Raises:
        KeyError: no read model of that name.
        NoPreviousError: there is none that this release could go on with.
    """
    reads = projector.reads
    models = [reads.models[name]] if name else []
    with ExitStack() as marks:
        with reads.building() as connection:
            _clear(projector, connection)
            newer = _newer(projector, connection)
            models = models or newer
            if not models:
                msg = "no read model that readers see is of a newer release: name the one that is to go back"
                raise NoPreviousError(msg)
            generations = [_earlier(projector, connection, model, anew=model in newer) for model in models]
            marks.enter_context(marked(reads.engine, [generation.id for generation in generations]))
        _take_over(projector, generations, progress, Healer("rollback", by))
    return [model.name for model in models]


def _clear(projector: Projector, connection: Connection, taken_up: Collection[ReadModel] = ()) -> None:
    """Drop what dead processes left half built, of any release; asked by the only one who may begin to build.

    What this release could go on with is kept where it is ``taken_up``. A previous generation that an older release
    was taking up again is the previous one still.
    """
    reads = projector.reads
    every = reads.generations(connection, None)
    kept = {generation.model.name for generation in every if generation.state == "previous"}
    live = {generation.model.name: generation.id for generation in every if generation.state == "live"}
    goes_on = {generation.id for generation in _usable(projector, every) if generation.model in taken_up}
    for generation in every:
        if generation.state != "building" or generation.id in goes_on or is_marked(connection, generation.id):
            continue
        if generation.id < live.get(generation.model.name, 0) and generation.model.name not in kept:
            reads.set_state(connection, generation, "previous")
        else:
            drop(connection, generation.id)


def _newer(projector: Projector, connection: Connection) -> list[ReadModel]:
    """What a newer release has live."""
    return [
        generation.model
        for generation in projector.reads.generations(connection)
        if generation.version > generation.model.version
    ]


def _anew(projector: Projector, connection: Connection) -> list[ReadModel]:
    """What is to be built, as it is now that nobody else may begin to."""
    every = projector.reads.generations(connection, None)
    stood = standings(every, projector.reads.zones, projector.log.head(), projector.had)
    return [comparison.live.model for comparison in projector.to_build(stood)]


def _begun(projector: Projector, connection: Connection, model: ReadModel) -> Generation:
    """What this release is building already, else a new one."""
    every = projector.reads.generations(connection, "building")
    usable = [generation for generation in _usable(projector, every) if generation.model is model]
    return usable[-1] if usable else _new(projector, connection, model)


def _new(projector: Projector, connection: Connection, model: ReadModel) -> Generation:
    return projector.reads.create(connection, model, began=microseconds(projector.log.clock()))


def _usable(projector: Projector, every: Collection[Generation]) -> list[Generation]:
    """Those that this process could go on with."""
    head = projector.log.head()
    return [
        generation for generation in every if projector.reads.is_current(generation) and generation.position <= head
    ]


def _earlier(projector: Projector, connection: Connection, model: ReadModel, *, anew: bool) -> Generation:
    """The previous generation of a read model; or a new one, where this release's is not kept and ``anew``."""
    previous = [
        generation for generation in projector.reads.generations(connection, "previous") if generation.model is model
    ]
    usable = _usable(projector, previous)
    if usable:
        return usable[-1]
    if anew:
        return _new(projector, connection, model)
    raise NoPreviousError(_why_not(projector, model.name, previous[-1] if previous else None))


def _why_not(projector: Projector, name: str, previous: Generation | None) -> str:
    if previous is None:
        return f"{name} has no previous generation: only the last one before a rebuild is kept"
    if previous.version != previous.model.version:
        return (
            f"the previous generation of {name} is of version {previous.version}, this release folds version "
            f"{previous.model.version}: roll back with the release that built it"
        )
    if previous.zones != projector.reads.zones:
        return (
            f"the previous generation of {name} has its days from other time zones: set CAREJOURNEY_TIME_ZONE and "
            "CAREJOURNEY_SITE_TIME_ZONES as they were, then roll back"
        )
    return f"the previous generation of {name} is ahead of the log: rebuild it"


def _take_over(
    projector: Projector,
    begun: Sequence[Generation],
    progress: Progress | None,
    healer: Healer,
    *,
    automatic: bool = False,
) -> None:
    """Bring these to the head, then let readers see them, at the head still."""
    pause = _FIRST_PAUSE_SECONDS
    while begun:
        _fill(projector, begun, progress)
        try:
            _switch(projector, begun, healer, automatic=automatic)
        except OperationalError as error:  # a reader was not through: nobody is to wait for it with us
            if not is_lock_refused(error):
                raise
            time.sleep(pause)
            pause = min(_LONGEST_PAUSE_SECONDS, 2 * pause)
        else:
            return


def _fill(projector: Projector, begun: Sequence[Generation], progress: Progress | None) -> None:
    """Bring these to the head; on the way, where it is now, they get their indexes."""
    reached = _reach(projector, begun, progress, projector.log.head())
    for generation in begun:
        _index(projector, generation)
    if reached < projector.log.head():
        _reach(projector, begun, progress)


def _reach(projector: Projector, begun: Sequence[Generation], progress: Progress | None, place: int = 0) -> int:
    """Bring these to a place in the log, or to its head; gives the position reached."""
    while True:
        head = projector.log.head()
        try:
            left = partial(_left, projector, begun=begun)
            position = projector.bring_on(BUILDING, left, head, progress)
        except LeaseLostError:  # paused within the page, and another went on
            continue
        if progress:
            progress(position, head)
        if position >= (place or head):
            return position


def _index(projector: Projector, generation: Generation) -> None:
    while True:
        try:
            with projector.reads.indexing() as connection:
                for left in _left(projector, connection, [generation]):
                    make_indexes(connection, left)
        except LeaseLostError:
            continue
        return


def _switch(projector: Projector, begun: Sequence[Generation], healer: Healer, *, automatic: bool) -> None:
    with projector.reads.switching() as connection:
        while projector.step(connection, _left(projector, connection, begun)) < projector.log.head():
            pass
        newer = _newer(projector, connection)
        for generation in _left(projector, connection, begun):
            if automatic and generation.model in newer:
                drop(connection, generation.id)
            else:
                _note_healed(projector, connection, generation, healer)
                projector.reads.switch(connection, generation)


def _note_healed(projector: Projector, connection: Connection, generation: Generation, healer: Healer) -> None:
    now = microseconds(projector.log.clock())
    for old in projector.reads.generations(connection):
        if old.model is generation.model and old.id != generation.id:
            note_switched(connection, (old.id, generation.id), generation.model.name, healer, now)


def _left(projector: Projector, connection: Connection, begun: Sequence[Generation]) -> list[Generation]:
    """Those of them that nobody has switched to yet."""
    was = {generation.id: generation.state for generation in begun}
    every = projector.reads.generations(connection, None)
    return [
        generation
        for generation in every
        if was.get(generation.id) == generation.state and projector.reads.is_current(generation)
    ]
