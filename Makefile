.PHONY: run test stop check

run:
	./run

test:
	./run test

stop:
	./run stop

check:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy hotline workorders dispatch analytics
