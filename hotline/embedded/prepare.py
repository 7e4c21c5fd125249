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
    from django.apps import apps
    from django.core.management import call_command
    from django.core.management.base import CommandError

    django.setup()
    with contextlib.redirect_stdout(sys.stderr):
        try:
            call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
            call_command("load_reference", stdout=io.StringIO())  # its counts are for those who ask
        except CommandError as refusal:
            sys.exit(f"CommandError: {refusal}")
    models = (apps.get_model("workorders", "WorkOrder"), apps.get_model("accounts", "User"))
    used = any(model._default_manager.exists() for model in models)
    sys.stdout.write("in use\n" if used else "empty\n")


if __name__ == "__main__":
    main()
