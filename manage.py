"""Django's own commands, on the same database as `jornada`."""

import os
import sys

from jornada.gateways import database

if __name__ == "__main__":
    database.ensure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jornada.web.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
