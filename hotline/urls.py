"""Every address of Hotline. Each app lists its own pages; this file only puts them together."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from hotline import apidocs

# The apps' endpoints, each as path("", include("APP.api.urls")).
api: list[URLPattern | URLResolver] = []

urlpatterns = [
    path("", include("hotline.accounts.urls")),
    # The apps' pages, each as path("", include("APP.urls")).
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", apidocs.docs, name="apidocs"),
]
