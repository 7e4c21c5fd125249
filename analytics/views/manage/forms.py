"""Forms of /manage/: one for each table. They check shape; the rule modules check the rules and write."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.models import Parameter
from dispatch import cataloguing
from dispatch.models import CalendarDay, CatalogueEntry, ClockRule
from dispatch.names import place_words
from dispatch.ruleversions import UNITS
from dispatch.wording import OUTCOMES
from hotline.accounts.changing import fingerprint
from hotline.accounts.models import Unit, User
from hotline.accounts.people import facts_of_person, person_fingerprint
from hotline.lib.tags import WEEKDAYS
from workorders.models import Category, Endpoint, Kind, Place, Reason, UrgencyWord
from workorders.models.category import Level
from workorders.models.notice import NoticeChannel
from workorders.notices import WORDS

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


class LongSelect(forms.Select):
    """A select that gets a box to narrow its list; without script it is a plain one."""

    def __init__(self, attrs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(attrs={"data-find": _("Search the list"), **(attrs or {})}, **kwargs)


class PickUnit(forms.ModelChoiceField):
    """One unit by its code."""

    def __init__(self, **kwargs: Any) -> None:
        units = Unit.objects.filter(is_active=True)
        kwargs = {"queryset": units, "to_field_name": "code", "required": False, **kwargs}
        super().__init__(widget=LongSelect(), **kwargs)


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
        self.fields["name"].label = _("Full name")
        if "username" in self.fields:
            self.fields["username"].help_text = _(
                "Letters, digits and @ . + - _ only. It cannot be changed later."
            )
            self.fields["username"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        if self.is_new:
            del self.fields["why"]
        else:
            self.initial["units"] = facts_of_person(self.instance)["units"]

    def fingerprint(self) -> str:
        return person_fingerprint(self.instance)


class CategoryForm(RowForm):
    """Top categories and groups have a name only; leaves carry what intake and clocks read."""

    class Meta:
        model = Category
        fields = [
            "parent",
            "code",
            "name_zh",
            "name_en",
            "deadline_workdays",
            "urgency",
            "keywords",
            "unit_level",
            "unit_hint",
            "statutory_clock",
            "std_code",
        ]
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


def place_choices() -> list[tuple[str, str]]:
    """Places in use, each with what it lies in."""
    rows = Place.objects.filter(is_active=True).select_related("parent__parent__parent").order_by("code")
    return [(row.code, f"{place_words(row) or row} ({row.code})") for row in rows]


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
        self.fields["kind"].label = _("Type of unit")
        place = forms.ChoiceField(label=_("Place"), choices=place_choices, widget=LongSelect())
        self.fields["place_code"] = place
        self.fields["aliases"].help_text = _(
            "Other names under which people praise or name it, separated by commas."
        )


class KindForm(RowForm):
    outcomes = forms.MultipleChoiceField(
        label=_("Outcomes"), choices=lambda: list(OUTCOMES.items()), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Kind
        fields = [
            "name_zh",
            "name_en",
            "default_workdays",
            "default_mode",
            "handling_clock",
            "callback",
            "counts_in_three_rates",
            "outcomes",
            "note",
        ]


class PlaceForm(RowForm):
    fixed = ("code", "level")

    parent = forms.ModelChoiceField(
        label=_("Lies in"),
        queryset=Place.objects.filter(is_active=True),
        to_field_name="code",
        required=False,
        widget=LongSelect(),
    )

    class Meta:
        model = Place
        fields = ["code", "level", "name_zh", "name_en", "parent", "gb_parent", "aliases"]
        field_classes = {"aliases": WordsField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["parent"] = self.instance.parent.code if self.instance.parent else None
        self.fields["gb_parent"].help_text = _("The place it counts to in the statistics of population.")


class ReasonForm(RowForm):
    fixed = ("code", "use")

    class Meta:
        model = Reason
        fields = [
            "code",
            "use",
            "name_zh",
            "name_en",
            "lawful_route",
            "script",
            "basis",
            "note",
            "charged_to",
            "must_transfer",
            "needs_supervisor",
            "makes_block",
            "needs_redo",
            "policy_limit",
            "unit_attitude",
        ]

    FLAGS = {
        "reject": ("lawful_route", "script", "must_transfer", "needs_supervisor"),
        "transfer": ("lawful_route", "script", "must_transfer", "needs_supervisor"),
        "invalid": ("lawful_route", "script", "needs_supervisor"),
        "return": ("makes_block",),
        "suspension": (),
        "extension": (),
        "exclusion": (),
        "service": ("needs_redo", "policy_limit", "unit_attitude", "charged_to"),
        "result": ("needs_redo", "policy_limit", "unit_attitude", "charged_to"),
    }
    """Which further fields a reason of each use has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_new:
            every = {name for names in self.FLAGS.values() for name in names}
            for name in every - set(self.FLAGS.get(self.instance.use, ())):
                del self.fields[name]


class WordForm(RowForm):
    fixed = ("word",)

    class Meta:
        model = UrgencyWord
        fields = ["word", "level", "note"]


class EndpointForm(RowForm):
    fixed = ("name",)

    url = forms.URLField(label=_("Address"), max_length=300, assume_scheme="https")
    unit = PickUnit(label=_("Unit"), help_text=_("Either a unit or a role gets its notices here."))
    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        max_length=200,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("It is never shown again. The previous one stays valid until the next change."),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of notices"),
        required=False,
        choices=lambda: [(code, str(words) % {"number": "…"}) for code, words in WORDS.items()],
        widget=forms.SelectMultiple(attrs={"size": 6, "data-find": _("Search the list")}),
        help_text=_("None chosen: all."),
    )

    class Meta:
        model = Endpoint
        fields = ["name", "channel", "url", "secret", "unit", "role", "kinds", "template", "allow_private"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["unit"] = self.instance.unit.code if self.instance.unit else None
        self.initial["secret"] = ""
        self.fields["channel"].choices = [
            choice for choice in NoticeChannel.choices if choice[0] != NoticeChannel.BELL
        ]
        self.fields["role"].help_text = _("Everybody of a role shares this endpoint.")
        self.fields["template"].help_text = _(
            "For text messages and WeCom: the JSON body with {number}, {words}, {url}, {kind}, {unit}, "
            "{urgency}."
        )
        if not self.is_new:
            self.fields["secret"].label = _("New secret")
            self.fields["secret"].help_text = _("Empty: the present one stays.")


class ParameterForm(RowForm):
    fixed = ()

    value = forms.TypedChoiceField(
        label=_("Value"),
        coerce=int,
        choices=[(number, name) for number, name in enumerate(WEEKDAYS, start=1)],
    )

    class Meta:
        model = Parameter
        fields = ["value", "basis"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["why"]
        self.fields["basis"].required = True


class ClockRuleForm(RowForm):
    """A new version of a rule: the figures, the first day, the basis."""

    fixed = ()

    duration_unit = forms.ChoiceField(label=_("Unit of time"), choices=lambda: list(UNITS.items()))

    class Meta:
        model = ClockRule
        fields = ["duration_value", "duration_unit", "cap_value", "max_times", "valid_from", "basis"]
        labels = {"cap_value": _("At most, where the rule has a cap")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["why"]
        self.initial |= {"valid_from": timezone.localdate(), "basis": ""}
        self.fields["basis"].required = True
        self.fields["basis"].help_text = _("The decision or document that the new figures rest on.")
        self.fields["valid_from"].help_text = _("Clocks that start from this day on follow the new version.")
        for name in ("cap_value", "max_times"):
            if getattr(self.instance, name) is None:
                del self.fields[name]


class CatalogueForm(RowForm):
    """A new statement of the dispatch catalogue."""

    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=Category.objects.filter(level=Level.LEAF, is_active=True),
        to_field_name="code",
        widget=LongSelect(),
    )
    place = forms.ModelChoiceField(
        label=_("Place"),
        queryset=Place.objects.filter(is_active=True),
        to_field_name="code",
        required=False,
        widget=LongSelect(),
        help_text=_("Only for an entry about one place; it beats entries of wider scope."),
    )
    unit_pattern = forms.ChoiceField(label=_("Unit"), choices=lambda: unit_patterns(), widget=LongSelect())
    replaces = forms.BooleanField(
        label=_("Replace the entry that stands against it"),
        required=False,
        help_text=_("The other entry ends the day before this one begins."),
    )

    class Meta:
        model = CatalogueEntry
        fields = [
            "category",
            "place_scope",
            "place",
            "role",
            "unit_pattern",
            "ask",
            "alternatives",
            "source",
            "valid_from",
            "basis",
        ]
        field_classes = {"alternatives": WordsField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["why"]
        self.initial["valid_from"] = timezone.localdate()
        self.fields["category"].label_from_instance = lambda row: f"{row.code} {row}"
        self.fields["ask"].help_text = _("What a person has to find out first; such orders wait in triage.")

    def _post_clean(self) -> None:
        """The rule says in words what stands against an entry; the constraint alone could not."""


def unit_patterns() -> list[tuple[str, Any]]:
    """Units in use, and the patterns whose unit depends on the order's place."""
    units = [(unit.code, f"{unit} ({unit.code})") for unit in Unit.objects.filter(is_active=True)]
    local = [(pattern, pattern) for pattern in cataloguing.patterns()]
    return [("", _("– choose –")), (_("Depends on the place"), local), (_("One unit"), units)]


class CatalogueEndForm(RowForm):
    """An entry that stands: its last day, and why."""

    fixed = ()

    class Meta:
        model = CatalogueEntry
        fields = ["valid_to"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_to"].label = _("Last day on which it counts")
        self.fields["valid_to"].required = self.fields["why"].required = True


class CalendarForm(RowForm):
    fixed = ("date",)

    is_work = forms.TypedChoiceField(
        label=_("Kind of day"),
        coerce=lambda value: value == "True",
        choices=[("False", _("free day")), ("True", _("working day"))],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = CalendarDay
        fields = ["date", "is_work", "name", "source", "notice"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["why"]
        self.fields["notice"].required = True
        if self.is_new:
            self.initial["source"] = CalendarDay.Source.LOCAL

    def basis(self) -> str:
        return self.cleaned_data.get("notice", "")
