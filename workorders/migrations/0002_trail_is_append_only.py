"""The trail and the access log only grow: the database itself numbers, chains and protects them.

- An event's number must be the next one of its order; `prev_hash` and `hash` are computed here, whoever inserts
  (one by one, in bulk, by SQL), so a gap or a forged chain cannot be written.
- UPDATE and DELETE are refused, for single rows and bulk alike.

The digest covers what an event says; times go in as epoch seconds, so it does not depend on a session's time zone."""

from django.db import migrations

DIGEST = """
CREATE FUNCTION event_digest(prev text, event workorders_orderevent) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(sha256(convert_to(prev || '|' || jsonb_build_array(
    event.order_id, event.number, event.verb, event.actor_id, event.role, event.unit_id,
    extract(epoch FROM event.at)::text, event.from_state, event.to_state, event.facts, event.step)::text, 'UTF8')), 'hex')
$$;
"""
CHAIN = """
CREATE FUNCTION event_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last_number integer;
  last_hash text;
BEGIN
  SELECT number, hash INTO last_number, last_hash FROM workorders_orderevent
    WHERE order_id = NEW.order_id ORDER BY number DESC LIMIT 1;
  IF NEW.number IS DISTINCT FROM coalesce(last_number, 0) + 1 THEN
    RAISE EXCEPTION 'the trail of order % continues with event %, not %',
      NEW.order_id, coalesce(last_number, 0) + 1, NEW.number USING ERRCODE = 'check_violation';
  END IF;
  NEW.prev_hash := coalesce(last_hash, '');
  NEW.hash := event_digest(NEW.prev_hash, NEW);
  RETURN NEW;
END
$$;
CREATE TRIGGER event_chain BEFORE INSERT ON workorders_orderevent FOR EACH ROW EXECUTE FUNCTION event_chain();
"""
APPEND_ONLY = """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER trail_append_only BEFORE UPDATE OR DELETE ON workorders_orderevent
  FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON workorders_accesslog
  FOR EACH ROW EXECUTE FUNCTION append_only();
"""
BACK = """
DROP TRIGGER trail_append_only ON workorders_orderevent;
DROP TRIGGER access_log_append_only ON workorders_accesslog;
DROP TRIGGER event_chain ON workorders_orderevent;
DROP FUNCTION append_only();
DROP FUNCTION event_chain();
DROP FUNCTION event_digest(text, workorders_orderevent);
"""


class Migration(migrations.Migration):
    dependencies = [("workorders", "0001_initial")]
    operations = [migrations.RunSQL(DIGEST + CHAIN + APPEND_ONLY, BACK)]
