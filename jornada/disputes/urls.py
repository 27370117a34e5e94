"""Addresses of the dispute and cohort pages."""

from django.urls import path

from jornada.disputes import views

app_name = "disputes"
urlpatterns = [
    path("", views.home, name="home"),
    path("employers/add/", views.add_employer, name="add-employer"),
    path("employers/<uuid:employer>/", views.employer, name="employer"),
    path("employers/<uuid:employer>/worksites/add/", views.add_worksite, name="add-worksite"),
    path("employers/<uuid:employer>/matters/add/", views.add_matter, name="add-matter"),
    path("employers/<uuid:employer>/cohorts/add/", views.add_cohort, name="add-cohort"),
    path("matters/<uuid:matter>/statements/add/", views.add_statement, name="add-statement"),
    path("<slug:kind>/<uuid:record>/edit/", views.edit, name="edit"),
    path("<slug:kind>/<uuid:record>/share/", views.share, name="share"),
    path("<slug:kind>/<uuid:record>/unshare/", views.unshare, name="unshare"),
    path("cohorts/<uuid:cohort>/", views.cohort, name="cohort"),
    path("cohorts/<uuid:cohort>/poster/", views.poster, name="poster"),
]
