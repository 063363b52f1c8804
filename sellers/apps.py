from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from sellers import checks


class SellersConfig(AppConfig):
    name = "sellers"
    verbose_name = _("Sellers")

    def ready(self) -> None:
        for check in checks.ALL:
            register(check)
