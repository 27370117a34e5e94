"""The WSGI application that `jornada serve` runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jornada.web.settings")
application = get_wsgi_application()
