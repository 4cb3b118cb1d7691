"""Wire the app together once Django is ready."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CorsadminConfig(AppConfig):
    name = "corsadmin"
    verbose_name = _("CORS policies")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Late, because models cannot be imported before the registry is full.
        from corsadmin import checks  # noqa: PLC0415
        from corsadmin.models import receivers  # noqa: PLC0415
        from corsadmin.serving import suites  # noqa: PLC0415
        from corsadmin.sightings import process  # noqa: PLC0415

        receivers.connect_receivers()
        suites.connect()
        process.connect_sightings()
        checks.register()
