"""The API's addresses: all of /api/v1/ that concerns orders lives here, because its verbs move assignments and clocks."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
