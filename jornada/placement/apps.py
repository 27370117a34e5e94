from django.apps import AppConfig


class PlacementConfig(AppConfig):
    name = "jornada.placement"
