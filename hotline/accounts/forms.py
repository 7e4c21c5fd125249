"""What the pages of accounts accept; rules are checked in the rule modules."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

OFF = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class LoginForm(AuthenticationForm):
    """One answer for every failure: it does not tell which names exist."""

    username = UsernameField(
        label=_("User name"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, **OFF}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages = {
        "invalid_login": _("User name or password is not right."),
        "inactive": _("User name or password is not right."),
    }


class PasswordForm(forms.Form):
    """The present password and a new one that keeps the rules."""

    present = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user, *args, **kwargs) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_present(self) -> str:
        present = self.cleaned_data["present"]
        if not self.user.check_password(present):
            raise forms.ValidationError(_("This is not your present password."))
        return present

    def clean_new(self) -> str:
        new = self.cleaned_data["new"]
        validate_password(new, self.user)
        return new

    def clean(self) -> None:
        new, again = self.cleaned_data.get("new"), self.cleaned_data.get("again")
        if new and again and new != again:
            self.add_error("again", _("The two new passwords differ."))


class CodeForm(forms.Form):
    """Six digits from the app; spaces do not matter."""

    code = forms.CharField(
        label=_("Code from the app"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, **OFF}
        ),
    )

    def clean_code(self) -> str:
        code = "".join(self.cleaned_data["code"].split())
        if len(code) != 6 or not (code.isascii() and code.isdigit()):
            raise forms.ValidationError(_("The code has six digits."))
        return code


class EnrolForm(CodeForm):
    offer = forms.CharField(widget=forms.HiddenInput, max_length=300)


class TokenForm(forms.Form):
    label = forms.CharField(
        label=_("What the token is for"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
