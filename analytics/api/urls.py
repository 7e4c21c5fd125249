"""The API of reviews, tallies and the board."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
