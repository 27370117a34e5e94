from django.urls import path

from jornada.packets import cohort_views, views, wage_views

app_name = "packets"
urlpatterns = [
    path("cohorts/<uuid:cohort>/claims", cohort_views.claims, name="cohort-claims"),
    path("files/<uuid:file>/worksheet", wage_views.worksheet, name="worksheet"),
    path("files/<uuid:file>/worksheet/changes", wage_views.changes, name="worksheet-changes"),
    path("files/<uuid:file>/worksheet.pdf", wage_views.worksheet_pdf, name="worksheet-pdf"),
    path("files/<uuid:file>/worksheet.xlsx", wage_views.worksheet_sheet, name="worksheet-sheet"),
    path("files/<uuid:file>/before-settling.pdf", wage_views.settling, name="settling"),
    path("files/<uuid:file>/packet", views.file, name="file"),
    path("files/<uuid:file>/packet/prepare", views.prepare, name="prepare"),
    path("files/<uuid:file>/packet/receipt", views.receipt, name="receipt"),
    path("files/<uuid:file>/packet/corrections/<uuid:correction>/settled", views.settled, name="settled"),
    path("files/<uuid:file>/packet/<int:number>", views.revision, name="revision"),
    path("files/<uuid:file>/packet/<int:number>/read", views.read, name="read"),
    path("files/<uuid:file>/packet/<int:number>/read/<int:item>", views.read, name="item"),
    path("files/<uuid:file>/packet/<int:number>/pages/<int:page>", views.picture, name="picture"),
    path("files/<uuid:file>/packet/<int:number>/sign-off", views.sign_off, name="sign-off"),
    path("files/<uuid:file>/packet/<int:number>/filed", views.file_packet, name="file-packet"),
    path("files/<uuid:file>/packet/<int:number>/packet.pdf", views.download, name="download"),
]
