"""The presets that contain the request headers which a rule refuses."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from corsadmin.diagnose.explain.context import Case
from corsadmin.presets import suggested_presets


def presets_that_hold(case: Case) -> Iterator[str]:
    """Yield a sentence for each preset that contains names which the rule lacks."""
    for preset, names in suggested_presets(case.missing_headers, case.asked.unsafe):
        facts = {"names": ", ".join(names), "preset": preset.title}
        yield (
            _("The preset %(preset)s contains %(names)s. Choose it in the form of the rule.")
            % facts
        )
