"""Pages of this app."""

from datetime import date

from django.urls import URLPattern, URLResolver, include, path, register_converter

from analytics.views import board, reviews, tallies


class DayConverter:
    """A day as 2026-03-10; anything else is no such address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

urlpatterns: list[URLPattern | URLResolver] = [
    path("board/", board.board, name="board"),
    path("board/now/", board.board_now, name="board_now"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/draft/", reviews.review_draft, name="review_draft"),
    path("reviews/<day:day>/", reviews.review, name="review"),
    path("reviews/<day:day>/notes/", reviews.review_notes, name="review_notes"),
    path("reviews/<day:day>/measures/", reviews.review_measure, name="review_measure"),
    path("reviews/<day:day>/measures/<int:pk>/", reviews.review_result, name="review_result"),
    path("reviews/<day:day>/sign/", reviews.review_sign, name="review_sign"),
    path("reviews/<day:day>/orders/<str:key>/", reviews.review_orders, name="review_orders"),
    path("tallies/", tallies.tallies, name="tallies"),
    path("tallies/make/", tallies.tally_make, name="tally_make"),
    path("tallies/<day:week_start>/", tallies.tally, name="tally"),
    path("tallies/<day:week_start>/orders/<str:key>/", tallies.tally_orders, name="tally_orders"),
    path("manage/", include("analytics.views.manage.urls")),
]
