"""The content types of office documents are longer than 60 characters."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workorders", "0003_urgency_words")]

    operations = [
        migrations.AlterField("attachment", "content_type", models.CharField(max_length=100)),
    ]
