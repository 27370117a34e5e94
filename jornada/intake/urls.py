"""Addresses of the worker's pages. None holds anything about a person."""

from django.urls import path

from jornada.intake import diary_views, question_views, sharing_views, views

app_name = "intake"
urlpatterns = [
    path("", views.languages, name="languages"),
    path("j/<slug:join_code>", views.languages, name="join"),
    path("<slug:language>/", views.about, name="about"),
    path("<slug:language>/start", views.start, name="start"),
    path("<slug:language>/q/", question_views.next_question, name="next"),
    path("<slug:language>/q/<slug:question_id>", question_views.question, name="question"),
    path("<slug:language>/q/<slug:question_id>/<int:number>", question_views.entry, name="entry"),
    path("<slug:language>/stop", views.stop, name="stop"),
    path("<slug:language>/save", views.save, name="save"),
    path("<slug:language>/return", views.come_back, name="return"),
    path("<slug:language>/closed", views.closed, name="closed"),
    path("<slug:language>/check", sharing_views.check, name="check"),
    path("<slug:language>/result", sharing_views.result, name="result"),
    path("<slug:language>/diary", diary_views.diary, name="diary"),
    path("<slug:language>/share", sharing_views.share, name="share"),
    path("<slug:language>/done", sharing_views.done, name="done"),
    path("<slug:language>/mine", sharing_views.mine, name="mine"),
    path("<slug:language>/mine/prepare", sharing_views.prepare, name="prepare"),
    path("<slug:language>/mine/send", sharing_views.send, name="send"),
    path("<slug:language>/mine/asking/<uuid:file_id>", sharing_views.asking, name="asking"),
    path("<slug:language>/mine/stop/<uuid:grant_id>", sharing_views.withdraw, name="withdraw"),
    path("<slug:language>/leave", views.leave, name="leave"),
]
