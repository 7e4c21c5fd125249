"""What a password must be, and the one function that sets it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hotline.accounts.models import UsedPassword, User

REMEMBERED = 5
CLASSES_NEEDED = 3
CLASSES: tuple[Callable[[str], bool], ...] = (
    str.islower,
    str.isupper,
    str.isdigit,
    lambda c: not (c.islower() or c.isupper() or c.isdigit()),
)


class LengthValidator(password_validation.MinimumLengthValidator):
    """Django's rule in our words: one voice, and a translation where Django has none."""

    def get_help_text(self) -> str:
        return ngettext(
            "Use at least %(count)d character.", "Use at least %(count)d characters.", self.min_length
        ) % {"count": self.min_length}

    def get_error_message(self) -> str:
        return self.get_help_text()


class UnlikeThePersonValidator(password_validation.UserAttributeSimilarityValidator):
    def get_help_text(self) -> str:
        return _("Do not use your user name or your name.")

    def get_error_message(self) -> str:
        return self.get_help_text()


class UncommonValidator(password_validation.CommonPasswordValidator):
    def get_help_text(self) -> str:
        return _("Do not use a password that many people use.")

    def get_error_message(self) -> str:
        return self.get_help_text()


class ThreeClassesValidator:
    """At least three of: lower case, upper case, digits, anything else."""

    def validate(self, password: str, user: User | None = None) -> None:
        present = sum(any(is_member(c) for c in password) for is_member in CLASSES)
        if present < CLASSES_NEEDED:
            raise ValidationError(self.get_help_text(), code="password_too_few_classes")

    def get_help_text(self) -> str:
        return _(
            "Use at least three of these: lower-case letters, upper-case letters, digits, other characters."
        )


class NotAmongLastFiveValidator:
    """Not the present password and none of the last five."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        used = set(user.used_passwords.values_list("hash", flat=True)[:REMEMBERED])
        if any(check_password(password, hash) for hash in used | {user.password} if hash):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        return _("Your last %(count)d passwords cannot be used again.") % {"count": REMEMBERED}


@transaction.atomic
def set_password(user: User, raw: str, now: datetime, *, must_change: bool = False) -> None:
    """Give `user` this password and remember it. Every session of the user ends (its check no longer fits).

    The caller has validated `raw`. `must_change`: somebody else set it, the owner has to choose a new one."""
    user.password = make_password(raw)
    user.password_changed_at = now
    user.must_change_password = must_change
    user.save(update_fields=["password", "password_changed_at", "must_change_password"])
    UsedPassword.objects.create(user=user, hash=user.password, at=now)
    kept = user.used_passwords.values_list("pk", flat=True)[:REMEMBERED]
    user.used_passwords.exclude(pk__in=list(kept)).delete()


def is_too_old(user: User, now: datetime) -> bool:
    """True once the password is older than settings.PASSWORD_MAX_AGE_DAYS."""
    return now - user.password_changed_at > timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)


def must_be_changed(user: User, now: datetime) -> bool:
    return user.must_change_password or is_too_old(user, now)
