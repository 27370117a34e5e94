"""The worker's own status page; included at the root, before intake's addresses."""

from django.urls import path

from jornada.tracking import views

app_name = "tracking_worker"
urlpatterns = [path("<slug:language>/mine/status", views.worker_status, name="status")]
