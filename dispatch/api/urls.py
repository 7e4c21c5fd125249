"""The API of orders, and of what dispatches them."""

from django.urls import URLPattern, path

from dispatch.api import reference, views
from dispatch.api.files import File, Files
from dispatch.api.suggest import Suggest
from dispatch.api.verbs import VERBS

urlpatterns: list[URLPattern] = [
    path("orders/", views.Orders.as_view(), name="api_orders"),
    path("orders/<str:number>/", views.Order.as_view(), name="api_order"),
    path("orders/<str:number>/events/", views.Events.as_view(), name="api_events"),
    path("orders/<str:number>/clocks/", views.Clocks.as_view(), name="api_clocks"),
    path("orders/<str:number>/reveal/", views.Reveal.as_view(), name="api_reveal"),
    path("orders/<str:number>/attachments/", Files.as_view(), name="api_files"),
    path("orders/<str:number>/attachments/<int:file_id>/", File.as_view(), name="api_file"),
    *(
        path(f"orders/<str:number>/{verb.name}/", views.view_of(verb), name=f"api_{verb.name}")
        for verb in VERBS.values()
    ),
    path("categories/", reference.categories, name="api_categories"),
    path("units/", reference.units, name="api_units"),
    path("places/", reference.places, name="api_places"),
    path("catalogue/", reference.entries, name="api_catalogue"),
    path("suggest/", Suggest.as_view(), name="api_suggest"),
    path("orders/<str:number>/<path:rest>", views.Unknown.as_view(), name="api_unknown"),
]
