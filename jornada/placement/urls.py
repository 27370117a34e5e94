from django.urls import path

from jornada.placement import match_views, referral_views, views

app_name = "placement"
urlpatterns = [
    path("files/<uuid:file>/placement", views.file, name="file"),
    path("files/<uuid:file>/place", views.place, name="place"),
    path("files/<uuid:file>/book/<uuid:clinic_day>", views.book, name="book"),
    path("files/<uuid:file>/referrals", referral_views.file, name="file-referrals"),
    path("files/<uuid:file>/referrals/outside", referral_views.outside, name="outside"),
    path("files/<uuid:file>/conflicts", referral_views.conflict, name="conflict"),
    path("files/<uuid:file>/scope-end.pdf", referral_views.scope_end_letter, name="scope-end-letter"),
    path("referrals", referral_views.inbox, name="referrals"),
    path("referrals/<uuid:referral>", referral_views.one, name="referral"),
    path("files/<uuid:file>/pair", match_views.pair, name="pair"),
    path("matches", match_views.matches, name="matches"),
    path("matches/what-if", match_views.what_if, name="what-if"),
    path("matches/expected", match_views.expected, name="expected"),
    path("matches/partners", match_views.terms, name="terms"),
    path("matches/partners/ours", match_views.set_terms, name="set-terms"),
    path("clinic-days", views.clinic_days, name="clinic-days"),
    path("clinic-days/<uuid:clinic_day>", views.clinic_day, name="clinic-day"),
]
