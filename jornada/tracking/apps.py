from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "jornada.tracking"

    def ready(self) -> None:
        from jornada.tracking import services

        services.listen()
