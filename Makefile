# Segmenter: `make demo` shows it, `make test` checks it, `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python from 3.11 on that can make a virtual environment; `make demo PYTHON=...` names another.
PYTHON = $(shell for python in .venv/bin/python python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && exit; done; echo no-python)
INSTALL = $(PYTHON) -m segmenter.embedded.install
RUN = .venv/bin/python
WORKERS = 3
LOCK = .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url pyproject.toml
BROWSERS = chromium-headless-shell chrome-headless-shell chromium chromium-browser google-chrome google-chrome-stable
DRAWN = $(shell grep -rlE --include='test_*.py' 'tests.draws import|SCREENS|SEGMENTER_NIGHTLY' tests)
SLOW = $(addprefix --ignore=,$(shell grep -v '^\#' tests/slow.txt))

# Where Python is told to keep no bytecode, each process of ours would compile all of Django anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test coverage nightly chaos hooks lint format bench bench-predictions messages screenshots lock clean python runtime dev browser

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: runtime ## Start everything with a demo shop and print the address (PORT=8000, SEGMENTER_DATA=.data)
	@exec $(RUN) -m segmenter.embedded.demo --with-parent

test: dev browser ## Run the tests but the slow ones in tests/slow.txt (ARGS="-k builder" narrows all tests)
	@$(RUN) -m pytest -n $(WORKERS) --dist worksteal $(if $(ARGS),--ignore=tests/chaos $(ARGS),$(SLOW))
	@test -n "$(ARGS)" || echo "Not run: the files in tests/slow.txt. make coverage runs all tests, as CI does."

nightly: dev browser ## Try all cases and many more examples: 10,000 against the oracle, 400 lives of live membership
	@SEGMENTER_NIGHTLY=1 $(RUN) -m pytest -n $(WORKERS) --dist worksteal $(DRAWN) $(ARGS)

chaos: dev ## Kill every part under load for three minutes and count what is lost (ARGS="--seconds 600")
	@exec $(RUN) -m tests.chaos $(ARGS)

coverage: dev browser ## Run all tests as CI does; report the lines and branches that none reaches, fail below the floor
	@rm -rf .coverage && mkdir .coverage
	$(RUN) -m coverage run -m pytest -n $(WORKERS) --dist worksteal --ignore=tests/chaos $(ARGS)
	@$(RUN) -m coverage combine --quiet && $(RUN) -m coverage report --skip-covered --skip-empty $(if $(ARGS),--fail-under=0)
	@test -n "$(ARGS)" || exec $(RUN) -m pytest tests/chaos

screenshots: dev browser ## Take the pictures of docs/pages.md from the demo that runs (make demo)
	@$(RUN) docs/screenshots.py

hooks: dev ## Let git run the linters before each commit and push
	@.venv/bin/pre-commit install

lint: dev ## Check style, types, import layers, templates and migrations
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	.venv/bin/lint-imports
	find templates -name '*.html' -exec .venv/bin/djade --target-version 5.2 --check {} +
	$(RUN) manage.py makemigrations --check --dry-run

format: dev ## Put code and templates into the project's format
	$(RUN) -m ruff check --fix --quiet .
	$(RUN) -m ruff format .
	-find templates -name '*.html' -exec .venv/bin/djade --target-version 5.2 {} +

bench: dev ## Measure speed beside other databases (ARGS="--profiles 1000000 --data DIR" for more)
	@exec $(RUN) -m bench --write $(ARGS)

bench-predictions: dev ## Measure the models on published logs, and their speed (ARGS="--no-package" is quicker)
	@OPENBLAS_NUM_THREADS=1 $(RUN) -m bench.predictions $(ARGS)

messages: dev ## Collect the texts to translate (needs GNU gettext)
	$(RUN) manage.py makemessages -l sv -l pl --no-obsolete --no-location \
		-i node_modules -i tests -i bench -i requirements -i docs

lock: dev ## Renew requirements/*.txt from pyproject.toml
	$(RUN) -m pip install --quiet 'uv>=0.9'
	$(LOCK) --extra embedded --output-file requirements/runtime.txt
	$(LOCK) --extra embedded --extra dev --output-file requirements/dev.txt

clean: ## Delete the virtual environment and caches; the data folder stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@test "$(PYTHON)" != no-python || { \
	echo "Segmenter needs Python 3.11 or newer with venv (on Debian and Ubuntu: apt install python3-venv)." >&2; \
	exit 1; }

runtime: python
	@$(INSTALL) runtime

dev: python
	@$(INSTALL) dev

browser:
	@test -z "$$SEGMENTER_CHROMIUM" || exit 0; \
	for name in $(BROWSERS); do ! command -v $$name >/dev/null || exit 0; done; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests ..."; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && for package in chromium-headless-shell chromium; do \
			apt-get install -y -qq --no-install-recommends $$package fonts-dejavu-core \
				>/dev/null && exit 0; \
		done; \
	fi; \
	echo "No Chromium: the browser tests will fail." \
		"Install it, or name one in SEGMENTER_CHROMIUM." >&2; \
	test -z "$$CI"
