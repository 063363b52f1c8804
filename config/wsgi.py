"""The web process: the dashboard, with the notification intake in front of it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from config.intake import mounted  # noqa: E402  needs the settings that the line above loads

application = mounted(django_application)
