from django.urls import path

from jornada.clinics import board_views, views

app_name = "clinics"
urlpatterns = [
    path("clinic-days/<uuid:clinic_day>/setup", views.setup, name="setup"),
    path("clinic-days/<uuid:clinic_day>/staff", views.staff_list, name="staff"),
    path("clinic-days/<uuid:clinic_day>/numbers", views.numbers, name="numbers"),
    path("clinic-days/<uuid:clinic_day>/plan", views.plan, name="plan"),
    path("clinic-days/<uuid:clinic_day>/screens", views.screens, name="screens"),
    path("clinic-days/<uuid:clinic_day>/<str:sheet>.pdf", views.sheet, name="sheet"),
    path("clinic-days/<uuid:clinic_day>/board", board_views.board, name="board"),
    path("clinic-days/<uuid:clinic_day>/board/part", board_views.part, name="board-part"),
    path("clinic-days/<uuid:clinic_day>/board/live", board_views.live, name="board-live"),
    path("clinic-days/<uuid:clinic_day>/after", board_views.after, name="after"),
    path("clinic-days/<uuid:clinic_day>/after/<int:ticket>.pdf", board_views.letter, name="letter"),
]
