from django.urls import path

from jornada.packets import views

app_name = "packets"
urlpatterns = [
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
