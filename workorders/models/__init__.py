from workorders.models.accesslog import AccessLog
from workorders.models.attachment import Attachment
from workorders.models.callback import Callback, CallbackAttempt
from workorders.models.caller import Caller
from workorders.models.category import Category, Kind
from workorders.models.classifier import ClassifierModel, TrainingRow, UrgencyWord
from workorders.models.commendation import Commendation
from workorders.models.draft import Draft
from workorders.models.event import OrderEvent
from workorders.models.idempotency import IdempotencyKey
from workorders.models.notice import Endpoint, Notice
from workorders.models.order import WorkOrder
from workorders.models.place import Place
from workorders.models.promise import Promise
from workorders.models.reason import Reason
from workorders.models.reply import Reply

__all__ = [
    "AccessLog",
    "Attachment",
    "Callback",
    "CallbackAttempt",
    "Caller",
    "Category",
    "ClassifierModel",
    "Commendation",
    "Draft",
    "Endpoint",
    "IdempotencyKey",
    "Kind",
    "Notice",
    "OrderEvent",
    "Place",
    "Promise",
    "Reason",
    "Reply",
    "TrainingRow",
    "UrgencyWord",
    "WorkOrder",
]
