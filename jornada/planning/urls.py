"""Addresses of the capacity planner."""

from django.urls import path

from jornada.planning import initiative_views, run_views, scenario_views

app_name = "planning"
urlpatterns = [
    path("", scenario_views.home, name="home"),
    path("copy", scenario_views.copy, name="copy"),
    path("upload", scenario_views.upload, name="upload"),
    path("draw", scenario_views.draw, name="draw"),
    path("compare", run_views.compare, name="compare"),
    path("compare/<slug:measure>.svg", run_views.overlay, name="overlay"),
    path("<uuid:scenario>/", scenario_views.scenario, name="scenario"),
    path("<uuid:scenario>/number", scenario_views.number, name="number"),
    path("<uuid:scenario>/values", scenario_views.values, name="values"),
    path("<uuid:scenario>/value", scenario_views.value, name="value"),
    path("<uuid:scenario>/text", scenario_views.text, name="text"),
    path("<uuid:scenario>/save", scenario_views.save, name="save"),
    path("<uuid:scenario>/scenario.yaml", scenario_views.download, name="download"),
    path("<uuid:scenario>/history", scenario_views.history, name="history"),
    path("<uuid:scenario>/share", scenario_views.share, name="share"),
    path("<uuid:scenario>/runs", run_views.runs, name="runs"),
    path("<uuid:scenario>/ask", run_views.ask, name="ask"),
    path("<uuid:scenario>/initiatives", initiative_views.scenario, name="initiatives"),
    path("<uuid:scenario>/begin", initiative_views.begin_other, name="begin-other"),
    path("runs/<uuid:run>/", run_views.run, name="run"),
    path("runs/<uuid:run>/progress", run_views.progress, name="progress"),
    path("runs/<uuid:run>/stop", run_views.stop, name="stop"),
    path("runs/<uuid:run>/go-on", run_views.go_on, name="go-on"),
    path("runs/<uuid:run>/board-paper.pdf", run_views.paper, name="paper"),
    path("runs/<uuid:run>/tables.xlsx", run_views.sheet, name="sheet"),
    path("runs/<uuid:run>/charts/<slug:chart>.svg", run_views.picture, name="picture"),
    path("runs/<uuid:run>/begin/<int:number>", initiative_views.begin_from, name="begin"),
    path("initiatives/<uuid:initiative>/", initiative_views.initiative, name="initiative"),
    path("initiatives/<uuid:initiative>/note", initiative_views.note, name="note"),
    path("initiatives/<uuid:initiative>/fruit", initiative_views.fruit, name="fruit"),
]
