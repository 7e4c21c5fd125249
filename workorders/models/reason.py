"""Coded reasons: of refusals, requests and dissatisfaction. Rows with a basis, edited by the city."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import NamedRow


class ReasonUse(models.TextChoices):
    REJECT = "reject", _("Not accepting an order")
    TRANSFER = "transfer", _("Handing over outside")
    INVALID = "invalid", _("Invalid order")
    RETURN = "return", _("Return by a unit")
    SUSPENSION = "suspension", _("Suspension")
    EXTENSION = "extension", _("Extension")
    EXCLUSION = "exclusion", _("Exclusion")
    SERVICE = "service", _("Dissatisfied with the service")
    RESULT = "result", _("Dissatisfied with the result")


class Reason(NamedRow):
    """One reason. The flags say what follows from it; which of them apply depends on `use`. A code is unique
    within its use: E01 is a reason of an exclusion and another one of dissatisfaction."""

    code = models.CharField(_("code"), max_length=8)
    use = models.CharField(_("used for"), max_length=12, choices=ReasonUse.choices)
    must_transfer = models.BooleanField(_("must be transferred, never refused"), default=False)
    needs_supervisor = models.BooleanField(_("needs the supervisor"), default=False)
    lawful_route = models.CharField(_("lawful route"), max_length=200, blank=True)
    script = models.CharField(_("told script"), max_length=400, blank=True)
    makes_block = models.BooleanField(_("an upheld return blocks the unit for this context"), default=False)
    needs_redo = models.BooleanField(_("proposes a rework"), default=False)
    policy_limit = models.BooleanField(_("limit of law or policy"), default=False)
    unit_attitude = models.BooleanField(_("goes to the unit's conduct record"), default=False)
    charged_to = models.CharField(_("charged to"), max_length=10, blank=True)
    basis = models.CharField(_("basis"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    edited_fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = _("reason"), _("reasons")
        constraints = [models.UniqueConstraint(fields=["use", "code"], name="one_reason_per_use_and_code")]
