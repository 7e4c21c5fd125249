"""Addresses below /manage/. What is special comes first; the rest is the same for every table."""

from django.urls import URLPattern, path

from analytics.views.manage import calendar, categories, home, outgoing, rows, users

urlpatterns: list[URLPattern] = [
    path("", home.manage, name="manage"),
    path("categories/", categories.manage_categories, name="manage_categories"),
    path("categories/<str:key>/merge/", categories.manage_merge, name="manage_merge"),
    path("users/add/", users.user_add, name="manage_user_add"),
    path("users/<str:key>/do/<slug:act>/", users.user_act, name="manage_user_act"),
    path("calendar/import/", calendar.calendar_import, name="manage_calendar_import"),
    path("endpoints/<str:key>/test/", outgoing.endpoint_test, name="manage_endpoint_test"),
    path("notices/dead/", outgoing.dead, name="manage_dead"),
    path("notices/dead/retry/", outgoing.dead_all, name="manage_dead_all"),
    path("notices/dead/<int:pk>/<slug:act>/", outgoing.dead_act, name="manage_dead_act"),
    path("clocks/parked/", outgoing.parked_list, name="manage_parked"),
    path("clocks/parked/<int:pk>/", outgoing.parked_retry, name="manage_parked_retry"),
    path("<slug:slug>/", rows.manage_list, name="manage_list"),
    path("<slug:slug>/add/", rows.manage_add, name="manage_add"),
    path("<slug:slug>/<str:key>/", rows.manage_row, name="manage_row"),
    path("<slug:slug>/<str:key>/retire/", rows.manage_retire, name="manage_retire"),
    path("<slug:slug>/<str:key>/restore/", rows.manage_restore, name="manage_restore"),
    path("<slug:slug>/<str:key>/undo/<int:pk>/", rows.manage_undo, name="manage_undo"),
]
