"""Bring the database up to date: `python -m hotline.embedded.prepare`, started by the launcher.

Migrations and reference data in one process, because each start of Django costs a second. Prints what there
is (`orders`, `users`) on standard output and everything else on standard error."""

import contextlib
import io
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hotline.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management.base import CommandError
    from django.db import OperationalError

    try:
        with contextlib.redirect_stdout(sys.stderr):
            django.setup()
            found = bring_up_to_date()
    except (ImproperlyConfigured, CommandError) as refusal:
        sys.exit(str(refusal))
    except OperationalError as refusal:
        sys.exit(f"PostgreSQL says: {str(refusal).strip()}")
    sys.stdout.write(" ".join(found) + "\n")


def bring_up_to_date() -> list[str]:
    """Migrate and load the reference data. Returns what of `orders` and `users` there is."""
    from django.apps import apps
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", stdout=io.StringIO())  # its counts are for those who ask
    models = {
        "orders": apps.get_model("workorders", "WorkOrder"),
        "users": apps.get_model("accounts", "User"),
    }
    return [name for name, model in models.items() if model._default_manager.exists()]


if __name__ == "__main__":
    main()
