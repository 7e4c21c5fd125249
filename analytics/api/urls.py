"""The API of reviews, tallies and the board."""

from django.urls import URLPattern, path

from analytics.api import views

urlpatterns: list[URLPattern] = [
    path("board/", views.Board.as_view(), name="api_board"),
    path("reviews/daily/<str:date>/", views.DailyReview.as_view(), name="api_daily_review"),
    path("tallies/gratitude/<str:week>/", views.GratitudeTally.as_view(), name="api_gratitude_tally"),
]
