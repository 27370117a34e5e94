"""The address behind a referral outside the hub: public, says nothing, opens once."""

from django.urls import path

from jornada.placement import referral_views

app_name = "placement_outside"
urlpatterns = [path("r/<str:token>", referral_views.link, name="link")]
