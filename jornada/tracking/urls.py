"""Addresses of the queue and of a file's pages. Organisers' pages are added by organiser_views."""

from django.urls import path

from jornada.tracking import organiser_views, views

app_name = "tracking"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("reminders", views.reminders, name="reminders"),
    path("organiser/", organiser_views.organiser, name="organiser"),
    path("organiser/helped/", organiser_views.helped, name="organiser-helped"),
    path("files/<uuid:file>/", views.file, name="file"),
    path("files/<uuid:file>/open", views.opening, name="open"),
    path("files/<uuid:file>/answers", views.answers, name="answers"),
    path("files/<uuid:file>/findings", views.findings, name="findings"),
    path("files/<uuid:file>/findings/<slug:finding>", views.change, name="change"),
    path("files/<uuid:file>/deadlines", views.deadlines, name="deadlines"),
    path("files/<uuid:file>/deadlines/<uuid:deadline>/met", views.met, name="met"),
    path("files/<uuid:file>/payments", views.payments, name="payments"),
    path("files/<uuid:file>/readers", views.readers, name="readers"),
]
