"""Time left, in the same words everywhere."""

from django.utils.translation import gettext as _

from hotline.lib.worktime import day_minutes

NATURAL_DAY = 24 * 60


def remaining_words(minutes: float | None, *, working: bool, workday: int | None = None) -> str:
    """Minutes until due in the words of the active language, two units at most: "3 h 20 min left", "2 d
    overdue".

    `working`: the minutes are working minutes and a day is one of office hours, `workday` minutes long (450,
    by the default office hours); else a day has 24 hours. Negative is overdue; part of a minute is dropped;
    None is an order on which no clock runs."""
    if minutes is None:
        return _("No deadline")
    whole = int(minutes)
    if whole == 0:
        return _("Due now")
    a_day = (workday or day_minutes()) if working else NATURAL_DAY
    days, rest = divmod(abs(whole), a_day)
    hours, mins = divmod(rest, 60)
    return sentence(whole > 0, days, hours, mins, working) % {"days": days, "hours": hours, "minutes": mins}


def sentence(left: bool, days: int, hours: int, minutes: int, working: bool) -> str:
    """The sentence that names the largest unit and the next smaller one, unless that is 0."""
    if days and working:
        return working_days_sentence(left, bool(hours))
    if days and hours:
        return _("%(days)d d %(hours)d h left") if left else _("%(days)d d %(hours)d h overdue")
    if days:
        return _("%(days)d d left") if left else _("%(days)d d overdue")
    if hours and minutes:
        return _("%(hours)d h %(minutes)d min left") if left else _("%(hours)d h %(minutes)d min overdue")
    if hours:
        return _("%(hours)d h left") if left else _("%(hours)d h overdue")
    return _("%(minutes)d min left") if left else _("%(minutes)d min overdue")


def working_days_sentence(left: bool, with_hours: bool) -> str:
    if with_hours:
        return _("%(days)d wd %(hours)d h left") if left else _("%(days)d wd %(hours)d h overdue")
    return _("%(days)d wd left") if left else _("%(days)d wd overdue")
