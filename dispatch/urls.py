"""Pages of this app."""

from django.urls import URLPattern, path

from dispatch.views import audit, callbacks, desk, files, inbox, order, orders, thanks, triage

urlpatterns: list[URLPattern] = [
    path("audit/", audit.audit, name="audit"),
    path("audit/changes/", audit.audit_changes, name="audit_changes"),
    path("audit/logins/", audit.audit_logins, name="audit_logins"),
    path("audit/export/csv/", audit.audit_export, {"kind": "csv"}, name="audit_export_csv"),
    path("audit/export/xlsx/", audit.audit_export, {"kind": "xlsx"}, name="audit_export_xlsx"),
    path("callbacks/", callbacks.callbacks, name="callbacks"),
    path("desk/", desk.desk, name="desk"),
    path("desk/caller/", desk.caller, name="desk_caller"),
    path("desk/suggest/", desk.suggest, name="desk_suggest"),
    path("desk/remind/", desk.remind, name="desk_remind"),
    path("desk/draft/", desk.save_draft, name="desk_draft"),
    path("desk/draft/drop/", desk.drop_draft, name="desk_draft_drop"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/counts/", inbox.inbox_counts, name="inbox_counts"),
    path("inbox/sign/", inbox.inbox_sign, name="inbox_sign"),
    path("triage/", triage.triage, name="triage"),
    path("triage/counts/", triage.triage_counts, name="triage_counts"),
    path("triage/hints/", triage.triage_hints, name="triage_hints"),
    path("triage/<str:number>/<str:verb>/", triage.triage_act, name="triage_act"),
    path("thanks/", thanks.thanks, name="thanks"),
    path("thanks/<str:number>/", thanks.thanks_order, name="thanks_order"),
    path("orders/", orders.orders, name="orders"),
    path("search/", orders.search, name="search"),
    path("orders/<str:number>/", order.order, name="order"),
    path("orders/<str:number>/print/", order.order_print, name="order_print"),
    path("orders/<str:number>/files/", files.order_files, name="order_files"),
    path("orders/<str:number>/files/<int:file_id>/", files.order_file, name="order_file"),
    path("orders/<str:number>/reveal/", order.order_reveal, name="order_reveal"),
    path("orders/<str:number>/reply/draft/", order.reply_draft, name="reply_draft"),
    path("orders/<str:number>/<str:verb>/", order.order_verb, name="order_verb"),
]
