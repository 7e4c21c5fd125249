from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workorders", "0005_board_indexes")]

    operations = [
        migrations.AlterField(
            model_name="reason",
            name="code",
            field=models.CharField(max_length=8, verbose_name="code"),
        ),
        migrations.AlterField(
            model_name="reason",
            name="use",
            field=models.CharField(
                choices=[
                    ("reject", "Not accepting an order"),
                    ("transfer", "Handing over outside"),
                    ("invalid", "Invalid order"),
                    ("return", "Return by a unit"),
                    ("suspension", "Suspension"),
                    ("extension", "Extension"),
                    ("exclusion", "Exclusion"),
                    ("service", "Dissatisfied with the service"),
                    ("result", "Dissatisfied with the result"),
                ],
                max_length=12,
                verbose_name="used for",
            ),
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.UniqueConstraint(fields=("use", "code"), name="one_reason_per_use_and_code"),
        ),
    ]
