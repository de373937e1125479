# 应检 Yingjian. `make help` explains every command.
# `make run` and `make test` need nothing but Python 3.11 or 3.12 and make.

PYTHON ?= python3
PY := .venv/bin/python
T ?= tests
N ?= 2
CODE := services shared migrations deploy tests

.DEFAULT_GOAL := help
.PHONY: audit config-check help run test check fmt lint types migrate reset demo bench bench-scale bench-workers profile chaos chaos-long fuzz verify-audit requirements environment

help: ## show this text
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  variables: PORT_BASE=9100 DATA_DIR=.run DATABASE_URL= REDIS_URL= (run); T=path N=workers (test);"
	@echo "             SERVICE=registry (requirements); PYTHON=python3.12 (all)"

run: environment ## start everything and stay up; Ctrl-C stops it
	@exec $(PY) -m deploy.local run

test: environment ## run the tests on servers of their own; T=tests/system/test_roles.py for a part
	@exec $(PY) -m pytest -n $(N) --dist loadfile --no-loadscope-reorder $(T)

check: environment fmt-check lint types requirements ## everything but the tests

fmt: environment ## format the code
	@$(PY) -m ruff format $(CODE)
	@$(PY) -m ruff check --select I --fix -q $(CODE)

.PHONY: fmt-check
fmt-check: environment
	@$(PY) -m ruff format --check -q $(CODE) || { echo "make fmt puts this right"; exit 1; }

lint: environment ## ruff, import contracts, and the rules that only we have
	@$(PY) -m ruff check $(CODE)
	@.venv/bin/lint-imports --no-cache --no-logo
	@$(PY) -m deploy.lints

types: environment ## mypy, strict
	@$(PY) -m mypy

migrate: environment ## bring the database (the running one, or DATABASE_URL) to this code's schema
	@$(PY) -m deploy.local exec $(PY) -m migrations.migrate

audit: environment ## known vulnerabilities, licences, bill of materials; OFFLINE=1, ADVISORIES=directory
	@$(PY) -m deploy.audit

config-check: environment ## every effective setting, masked, and what a start outside demo would refuse
	@$(PY) -m deploy.local exec $(PY) -m deploy.config_check

reset: environment ## forget everything that make run has stored
	@$(PY) -m deploy.local reset

backup: environment ## copy the running database; from then on any moment can be restored
	@$(PY) -m deploy.local backup

restore: environment ## put the stopped database back to a moment: TO=2026-11-21T09:00:00+08:00 BACKUP=name
	@$(PY) -m deploy.local restore $(if $(TO),--to $(TO)) $(if $(BACKUP),--backup $(BACKUP))

.PHONY: backup restore restore-drill
restore-drill: environment ## rehearse it beside the running system
	@$(PY) -m deploy.local restore-drill $(if $(TO),--to $(TO))

demo: environment ## fill the running system with a day of a district and show what became of it
	@exec $(PY) -m deploy.demo.run $(ARGS)

bench: environment ## measure against bare limits of the same run; QUICK=1 is shorter, PART=intake, reads, sheets, forms or reminders is a part
	@exec $(PY) -m tests.bench

chaos: environment ## kill, cut, fill and empty everything, then prove that nothing was lost; SEED=1 replays
	@exec $(PY) -m tests.chaos

chaos-long: environment ## the same for hours (HOURS=4), with the long outages
	@HOURS=$${HOURS:-4} exec $(PY) -m tests.chaos

fuzz: environment ## generated requests at every operation; CASES=100000 SEED= SERVICE=registry
	@exec $(PY) -m tests.fuzz

verify-audit: environment ## check the audit logs of the running system against the heads kept outside it
	@$(PY) -m deploy.local exec $(PY) -m shared.audit.verify $(ARGS)

.PHONY: verify-proof
verify-proof: environment ## check exported proofs offline; ARGS="FILE … --public-key KEY"
	@$(PY) -m shared.audit.proofs $(ARGS)

.PHONY: bench-evaluation
bench-evaluation: environment ## a night's evaluation and a changed rule beside a bare UPDATE; QUICK=1 PEOPLE= RUNS=
	@exec $(PY) -m tests.bench.evaluation

.PHONY: bench-lists
bench-lists: environment ## a survey compared with the licences beside a bare join; QUICK=1 LICENCES= PLACES= RUNS=
	@exec $(PY) -m tests.bench.lists

.PHONY: district-day
district-day: environment ## a simulated day with planted faults, each named by the reconciliation, and what its nights cost; SAMPLES=100000 SEED=1
	@exec $(PY) -m tests.district_day

.PHONY: quarter
quarter: environment ## a simulated quarter with planted offenders: what the ladder makes of it, as a table; UNITS=300 PEOPLE=20000 DAYS=90 SEED=1
	@exec $(PY) -m tests.quarter

bench-scale: environment ## a result's cost in a large store against a small one; SCALE_PEOPLE= SCALE_RESULTS=, hours
	@exec $(PY) -m tests.bench.scale

bench-workers: environment ## throughput with 1, 2 and 4 of each API and worker; WORKERS=1,2,4
	@exec $(PY) -m tests.bench.workers

profile: environment ## where the time of a result goes: by process, function and statement
	@exec $(PY) -m tests.bench.profile

requirements: environment ## each row of the requirements with the tests that show it; SERVICE=registry
	@$(PY) -m tests.support.requirements

environment:
	@$(PYTHON) deploy/local/bootstrap.py
