from django.apps import AppConfig
from django.conf import settings
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from sellers import checks, points


class SellersConfig(AppConfig):
    name = "sellers"
    verbose_name = _("Sellers")

    def ready(self) -> None:
        points.read_environment(production=settings.PRODUCTION)
        for check in checks.ALL:
            register(check)
