"""Forms of /manage/: one for each table. They check shape; the rule modules check the rules and write."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from dispatch.wording import OUTCOMES
from hotline.accounts.changing import fingerprint
from hotline.accounts.models import Role, Unit, User
from hotline.accounts.people import facts_of_person, person_fingerprint
from workorders.models import Category, Kind
from workorders.models.category import Level

BETWEEN_WORDS = re.compile(r"[\n,;|\uff0c\u3001\uff1b]+")
"""Lists are typed with commas of either script, enumeration commas, semicolons, or one a line."""


class WordsField(forms.CharField):
    """A list of words typed as text; the cleaned value is a list without repeats."""

    def __init__(self, base_field: Any = None, **kwargs: Any) -> None:
        kwargs.pop("max_length", None)
        self.longest = getattr(base_field, "max_length", None) or 60
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        words = [word.strip() for word in BETWEEN_WORDS.split(super().clean(value))]
        words = list(dict.fromkeys(word for word in words if word))
        for word in words:
            if len(word) > self.longest:
                raise forms.ValidationError(
                    _("“%(word)s” is longer than %(count)s characters."),
                    params={"word": word, "count": self.longest},
                )
        return words


class RowForm(forms.ModelForm):
    """One row of a table. `fixed` fields are asked for when the row is new and stand fast from then on."""

    fixed: ClassVar[tuple[str, ...]] = ("code",)

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    why = forms.CharField(
        label=_("Basis of this change"),
        max_length=200,
        required=False,
        help_text=_("A decision, a document or a reason. It stands in the history."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_new:
            del self.fields["seen"]
        else:
            self.initial["seen"] = self.fingerprint()
            for name in self.fixed:
                self.fields.pop(name, None)
        if "why" in self.fields:
            self.order_fields([*(name for name in self.fields if name != "why"), "why"])
        for field in self.fields.values():
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    @property
    def is_new(self) -> bool:
        return self.instance._state.adding

    def fingerprint(self) -> str:
        return fingerprint(self.instance)

    def values(self) -> dict[str, Any]:
        """What the rules take: the fields of the row."""
        return {name: self.cleaned_data[name] for name in self.fields if name not in ("seen", "why")}

    def basis(self) -> str:
        return self.cleaned_data.get("why") or self.cleaned_data.get("basis") or ""


class PickUnit(forms.ModelChoiceField):
    """One unit by its code."""

    def __init__(self, **kwargs: Any) -> None:
        units = Unit.objects.filter(is_active=True)
        kwargs = {"queryset": units, "to_field_name": "code", "required": False, **kwargs}
        super().__init__(widget=forms.Select(attrs={"data-find": _("Search the list")}), **kwargs)


class UserForm(RowForm):
    fixed = ("username",)

    units = forms.ModelMultipleChoiceField(
        label=_("Units"),
        queryset=Unit.objects.filter(is_active=True),
        to_field_name="code",
        required=False,
        help_text=_("For people of handling units: where they work."),
        widget=forms.SelectMultiple(attrs={"size": 6, "data-find": _("Search the list")}),
    )

    class Meta:
        model = User
        fields = ["username", "name", "role", "is_outsourced"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        if "username" in self.fields:
            self.fields["username"].help_text = _(
                "Letters, digits and @ . + - _ only. It cannot be changed later."
            )
            self.fields["username"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        if not self.is_new:
            self.initial["units"] = facts_of_person(self.instance)["units"]

    def fingerprint(self) -> str:
        return person_fingerprint(self.instance)


class CategoryForm(RowForm):
    """Top categories and groups have a name only; leaves carry what intake and clocks read."""

    class Meta:
        model = Category
        fields = [
            "parent", "code", "name_zh", "name_en", "deadline_workdays", "urgency", "keywords", "unit_level",
            "unit_hint", "statutory_clock", "std_code",
        ]  # fmt: skip
        field_classes = {"keywords": WordsField}

    LEAVES_ONLY = (
        "deadline_workdays",
        "urgency",
        "keywords",
        "unit_level",
        "unit_hint",
        "statutory_clock",
        "std_code",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.instance.parent
        level = self.instance.level or {None: Level.TOP, Level.TOP: Level.GROUP}.get(
            parent and parent.level, Level.LEAF
        )
        if level != Level.LEAF:
            for name in self.LEAVES_ONLY:
                del self.fields[name]
        else:
            self.fields["deadline_workdays"].help_text = _(
                "Empty: the working days of the order's kind count."
            )
            self.fields["keywords"].help_text = _(
                "They suggest this category and mark urgent words; separate them by commas."
            )
        if level == Level.TOP:
            del self.fields["parent"]
        else:
            self.fields["parent"] = forms.ModelChoiceField(
                label=_("Belongs to"),
                queryset=Category.objects.filter(
                    level=Level.TOP if level == Level.GROUP else Level.GROUP, is_active=True
                ).select_related("parent"),
                to_field_name="code",
                initial=parent,
            )
            self.initial["parent"] = parent.code if parent else None
            self.order_fields(["parent", *self.fields])
        if "code" in self.fields:
            self.fields["code"].required = False
            self.fields["code"].help_text = _("Empty: the next free number.")


class UnitForm(RowForm):
    parent = PickUnit(label=_("Belongs to"))

    class Meta:
        model = Unit
        fields = [
            "code",
            "name",
            "short_name",
            "kind",
            "parent",
            "place_code",
            "aliases",
            "sees_subtree",
            "verified",
        ]
        field_classes = {"aliases": WordsField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["parent"] = self.instance.parent.code if self.instance.parent else None
        self.fields["place_code"] = forms.ChoiceField(
            label=self.fields["place_code"].label,
            choices=place_codes,
            widget=forms.Select(attrs={"data-find": _("Search the list")}),
        )


class KindForm(RowForm):
    fixed = ("code",)

    outcomes = forms.MultipleChoiceField(
        label=_("Outcomes"), choices=lambda: list(OUTCOMES.items()), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Kind
        fields = [
            "name_zh", "name_en", "default_workdays", "default_mode", "handling_clock", "callback",
            "counts_in_three_rates", "outcomes", "note", "sort", "is_active",
        ]  # fmt: skip
