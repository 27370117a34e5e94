"""Addresses of the team pages."""

from django.urls import path

from jornada.coalition import views

app_name = "coalition"
urlpatterns = [
    path("", views.team, name="team"),
    path("account/", views.account, name="account"),
    path("invite/", views.invite, name="invite"),
    path("invited/<str:token>/", views.accept, name="accept"),
    path("<uuid:member>/", views.member, name="member"),
    path("<uuid:member>/invite-again/", views.invite_again, name="invite-again"),
    path("<uuid:member>/end/", views.end_membership, name="end-membership"),
    path("<uuid:member>/admit/", views.admit, name="admit"),
    path("<uuid:member>/credentials/", views.add_credential, name="add-credential"),
    path("<uuid:member>/capacity/", views.set_capacity, name="set-capacity"),
    path("credentials/<uuid:credential>/verify/", views.verify_credential, name="verify-credential"),
]
