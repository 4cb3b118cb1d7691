"""The remedy for a call that an emergency stops: lift the emergency."""

from django.utils.translation import gettext as _

from corsadmin.diagnose.explain.context import Case
from corsadmin.diagnose.explain.draft import Draft
from corsadmin.diagnose.explain.judgment import EMERGENCY
from corsadmin.diagnose.explain.remedies.remedy import Remedy, RemedyKind
from corsadmin.engine.emergencies import level_at


def remedy_for_emergency(case: Case, draft: Draft) -> Remedy:
    """Return the remedy that lifts the emergency that stops a call; of two, the stronger one."""

    def weakness(slug: str) -> tuple[bool, str]:
        stop = draft.stops[slug]
        # One may have ended since the call was judged.
        return level_at([stop], case.now) is None, stop.level

    slug = min(draft.stops, key=weakness)
    return Remedy(
        kind=RemedyKind.EMERGENCY,
        step=EMERGENCY,
        sentence=_("Lift the emergency of %(tenant)s.") % {"tenant": slug},
        lifted=slug,
    )
