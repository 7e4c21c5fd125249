"""Pages of this app."""

from django.urls import URLPattern, path

from analytics.views import board

urlpatterns: list[URLPattern] = [
    path("board/", board.board, name="board"),
    path("board/now/", board.board_now, name="board_now"),
]
