from django.db import migrations

REFUSE = """
CREATE FUNCTION accounts_change_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The history of settings is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER accounts_change_is_append_only BEFORE UPDATE OR DELETE ON accounts_change
    FOR EACH ROW EXECUTE FUNCTION accounts_change_is_append_only();
"""
ALLOW = """
DROP TRIGGER accounts_change_is_append_only ON accounts_change;
DROP FUNCTION accounts_change_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
