from django.urls import path

from jornada.placement import views

app_name = "placement"
urlpatterns = [
    path("files/<uuid:file>/placement", views.file, name="file"),
    path("files/<uuid:file>/place", views.place, name="place"),
    path("files/<uuid:file>/book/<uuid:clinic_day>", views.book, name="book"),
    path("matches", views.matches, name="matches"),
    path("clinic-days", views.clinic_days, name="clinic-days"),
    path("clinic-days/<uuid:clinic_day>", views.clinic_day, name="clinic-day"),
]
