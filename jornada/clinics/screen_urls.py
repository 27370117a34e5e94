"""The screens of a clinic day: no account; a link that opens once, then a token of the device's own."""

from django.urls import path

from jornada.clinics import screen_views as views

app_name = "screens"
urlpatterns = [
    path("day/open/<str:token>", views.open_link, name="open"),
    path("day/", views.screen, name="screen"),
    path("day/part", views.part, name="part"),
    path("day/live", views.live, name="live"),
    path("day/note", views.note, name="note"),
    path("day/notes", views.notes, name="notes"),
    path("day/paper", views.paper, name="paper"),
    path("day/blank", views.blank, name="blank"),
    path("day/language", views.language, name="language"),
]
