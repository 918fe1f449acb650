"""The signs of the picture of a journey: each a shape of its own, so that colour is never the only difference."""

from __future__ import annotations

from api.i18n.language import N_

SHAPES = {
    "attended": '<path class="j-s3" d="M0-9V9"/>',
    "missed": '<path class="j-sb" d="M-4-4 4 4M4-4-4 4"/>',
    "positive": '<circle class="j-fb" r="5"/>',
    "prescribed": '<circle class="j-sg" r="6"/><path class="j-sg" d="M-3 0H3M0-3V3"/>',
    "negative": '<circle class="j-sg" r="4.5"/>',
    "invalid": '<path class="j-fp" d="M-5 0A5 5 0 1 1 5 0A5 5 0 1 1-5 0M-3.5 3.5 3.5-3.5"/>',
    "dose": '<rect class="j-f5" x="-3" y="-6" width="6" height="12" rx="3"/>',
    "use": '<path class="j-fb" d="M0-6 6 5H-6z"/>',
    "lapse": '<path class="j-fb" d="M0 8 8-6H-8z"/>',
    "score": '<circle class="j-f4" r="3.5"/>',
    "incident": '<path class="j-f7" d="M0-7 7 0 0 7-7 0z"/>',
    "plan": '<path class="j-fp" d="M-4-6H5V6H-4z"/>',
    "several": '<rect class="j-sv" x="-9" y="-9" width="18" height="18" rx="5"/>',
    "several-grave": '<path class="j-sv j-sb" d="M-9-9H9V9H-9z"/><path class="j-fb" d="M9-13 13-5H5z"/>',
}
# What each means, as the legend says it.
SIGNS = {
    "attended": N_("session attended"),
    "missed": N_("session or screen missed"),
    "positive": N_("positive screen"),
    "prescribed": N_("screen that found what is prescribed"),
    "negative": N_("negative screen"),
    "invalid": N_("invalid screen"),
    "dose": N_("dose given"),
    "use": N_("use reported"),
    "lapse": N_("lapse or relapse"),
    "score": N_("score"),
    "incident": N_("incident"),
    "plan": N_("assessment, plan or goal"),
    "several": N_("several entries, and how many"),
    "several-grave": N_("several, some of them of concern"),
}
