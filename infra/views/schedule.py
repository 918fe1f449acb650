"""A view of somebody's is put on the schedule of documents, where there is a folder for them."""

from __future__ import annotations

from domain.phrases import Phrase
from infra.identity.people import Principal
from infra.views.context import HasViews
from infra.views.papers import Timing
from infra.views.view import ViewError


def schedule_view(services: HasViews, who: Principal, view_id: str, timing: Timing | None) -> None:
    """Write a view of this person's to the folder from its next due day on; without a timing no more.

    Raises:
        NoSuchViewError: it is not this person's.
        ViewError: the settings name no folder.
    """
    view = services.views.owned(who.person, view_id)
    if timing is None:
        services.papers.remove(view.id)
        return
    if services.settings.view_folder is None:
        text = Phrase("there is no folder for documents: an administrator sets CAREJOURNEY_VIEW_FOLDER")
        raise ViewError("schedule", text)
    services.papers.put(view.id, timing, services.today())
