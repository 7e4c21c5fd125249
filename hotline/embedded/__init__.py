"""What `./run` starts on a machine with nothing but Python: PostgreSQL, Valkey, web, worker.

Standard library only, and imported without `hotline` itself, which needs Celery."""
