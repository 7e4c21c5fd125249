"""The report week runs from Friday to Friday, as Jinan's does; a city edits the row."""

from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("analytics", "Parameter").objects.get_or_create(
        key="week_starts_on", defaults={"value": 5, "basis": "practice: Jinan's weekly, Friday to Friday"}
    )


class Migration(migrations.Migration):
    dependencies = [("analytics", "0002_parameter_reviewline_tallyline")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
