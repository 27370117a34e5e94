"""Every address of the hub. The permission matrix in tests/authorisation.yaml must know each of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.http import require_safe

from jornada.gateways import database


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too."""
    up = database.answers()
    return JsonResponse({"database": up}, status=200 if up else 503)


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("accounts/", include("jornada.coalition.account_urls")),
    path("staff/", include("jornada.tracking.urls")),
    path("staff/", include("jornada.triage.urls")),
    path("staff/", include("jornada.placement.urls")),
    path("staff/", include("jornada.clinics.urls")),
    path("staff/", include("jornada.packets.urls")),
    path("staff/disputes/", include("jornada.disputes.urls")),
    path("staff/plans/", include("jornada.planning.urls")),
    path("staff/team/", include("jornada.coalition.urls")),
    path("", include("jornada.placement.outside_urls")),
    path("", include("jornada.clinics.screen_urls")),
    path("", include("jornada.packets.worker_urls")),
    path("", include("jornada.tracking.worker_urls")),
    path("", include("jornada.intake.urls")),
]

handler404 = "jornada.web.pages.absent"
