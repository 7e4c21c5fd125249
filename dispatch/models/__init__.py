from dispatch.models.assignment import Assignment
from dispatch.models.calendar import CalendarDay, LunarNewYear
from dispatch.models.catalogue import CatalogueEntry
from dispatch.models.clock import Clock, ClockRule, ClockStep, Sweep
from dispatch.models.request import Request

__all__ = [
    "Assignment",
    "CalendarDay",
    "CatalogueEntry",
    "Clock",
    "ClockRule",
    "ClockStep",
    "LunarNewYear",
    "Request",
    "Sweep",
]
