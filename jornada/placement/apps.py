from django.apps import AppConfig


class PlacementConfig(AppConfig):
    name = "jornada.placement"

    def ready(self) -> None:
        from jornada.placement import escalation, referrals

        referrals.listen()
        escalation.listen()
