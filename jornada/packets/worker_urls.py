"""A question that comes back to the worker; included at the root, before intake's addresses."""

from django.urls import path

from jornada.packets import worker_views

app_name = "packets_worker"
urlpatterns = [
    path("<slug:language>/mine/question/<uuid:correction>", worker_views.question, name="question"),
]
