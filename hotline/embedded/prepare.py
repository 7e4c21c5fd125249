"""Bring the database up to date: `python -m hotline.embedded.prepare`, started by the launcher.

Migrations and reference data in one process, because each start of Django costs a second. Prints `empty` or
`in use` (has it orders or users?) on standard output and everything else on standard error."""

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
            used = bring_up_to_date()
    except (ImproperlyConfigured, CommandError) as refusal:
        sys.exit(str(refusal))
    except OperationalError as refusal:
        sys.exit(f"PostgreSQL says: {str(refusal).strip()}")
    sys.stdout.write("in use\n" if used else "empty\n")


def bring_up_to_date() -> bool:
    """Migrate and load the reference data. True when there are orders or users."""
    from django.apps import apps
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_reference", stdout=io.StringIO())  # its counts are for those who ask
    models = (apps.get_model("workorders", "WorkOrder"), apps.get_model("accounts", "User"))
    return any(model._default_manager.exists() for model in models)


if __name__ == "__main__":
    main()
