"""Every address of Hotline. Each app lists its own pages; this file only puts them together."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from dispatch.api.views import Unknown
from hotline import apidocs, health, ui

api: list[URLPattern | URLResolver] = [
    path("", include("dispatch.api.urls")),
    path("", include("analytics.api.urls")),
    path("<path:rest>", Unknown.as_view(), name="api_nothing"),
]

urlpatterns = [
    path("", include("hotline.accounts.urls")),
    path("", include("workorders.urls")),
    path("", include("dispatch.urls")),
    path("", include("analytics.urls")),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("ui/", ui.ui, name="ui"),
    path("api/docs/", apidocs.docs, name="apidocs"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
