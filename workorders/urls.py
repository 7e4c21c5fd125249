"""Pages of this app."""

from django.urls import URLPattern, path

from workorders.views import notices

urlpatterns: list[URLPattern] = [
    path("notices/", notices.notices, name="notices"),
    path("notices/bell/", notices.bell, name="bell"),
]
