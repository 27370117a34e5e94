"""The hub's addresses with the worker's pages of packets and tracking, wherever the hub mounts them."""

from django.urls import include, path

from jornada.web.urls import urlpatterns as hub

urlpatterns = [
    path("", include("jornada.tracking.worker_urls")),
    path("", include("jornada.packets.worker_urls")),
    *hub,
]
