from django.urls import path

from jornada.triage import views

app_name = "triage"
urlpatterns = [
    path("files/<uuid:file>/assess", views.assess, name="assess"),
    path("files/<uuid:file>/decide", views.decide, name="decide"),
]
