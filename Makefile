SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run demo test check bench lock

PORT ?= 8000
PYTHON ?=
ONLY ?=
ARGS ?=
export PYTHON
export PYTHONUTF8 := 1

BIN := .venv/bin
PACKAGES := certify competencies
TEMPLATES := templates

help: ## Affiche cette aide
	@printf '\nUtiliser\n'
	@printf '  make run      Installe ce qui manque, charge la démonstration et ouvre http://127.0.0.1:$(PORT) (PORT=8001 change le port)\n'
	@printf '  make demo     Efface la démonstration et la recharge comme au premier jour\n'
	@printf '\nDévelopper\n'
	@printf '  make check    Vérifie le style, les types, les dépendances entre pièces et les gabarits (environ une minute)\n'
	@printf '  make test     Lance « make check » puis tous les tests : SQLite, PostgreSQL, Chromium (ARGS="-k jury" en choisit)\n'
	@printf '  make bench    Mesure et compare aux limites ; écrit build/bench.json (ONLY=house choisit par préfixe)\n'
	@printf '  make lock     Recalcule les versions figées et leurs empreintes dans .ci/requirements-*.txt\n'
	@printf '\nPYTHON=/chemin/python3.12 choisit l’interpréteur ; CERTIFY_DATA_DIR=dossier déplace les données (var/ sinon).\n\n'

run:
	@.ci/setup run
	@$(BIN)/certify init
	@$(BIN)/certify demo
	@exec $(BIN)/certify serve --port $(PORT)

demo:
	@.ci/setup run
	@$(BIN)/certify init
	@$(BIN)/certify demo --reset

test:
	@.ci/setup dev
	@.ci/setup interop
	@.ci/provision
	@$(MAKE) --no-print-directory check
	@printf '→ tests\n'
	@$(BIN)/python -m pytest -n $${CERTIFY_TEST_PROCESSES:-2} --dist worksteal $(ARGS)

check:
	@.ci/setup dev
	@printf '→ style (ruff)\n'
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@printf '→ types (mypy)\n'
	@$(BIN)/mypy
	@printf '→ dépendances entre pièces (import-linter)\n'
	@found=$$($(BIN)/lint-imports --no-logo 2>&1) || { printf '%s\n' "$$found"; exit 1; }
	@printf '→ gabarits (djlint)\n'
	@$(BIN)/djlint --lint --quiet $(TEMPLATES)
	@printf '→ sécurité (bandit)\n'
	@found=$$($(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(PACKAGES) 2>&1) || { printf '%s\n' "$$found"; exit 1; }
	@printf '→ orthographe du code (codespell)\n'
	@$(BIN)/codespell

bench:
	@.ci/setup dev
	@.ci/setup peer
	@$(BIN)/python -m tests.bench $(ONLY)

lock:
	@.ci/lock
