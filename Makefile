.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV ?= .venv
# A path with spaces would be split into words: `make clean` would delete the folder that the first word names.
ifneq ($(words $(VENV)),1)
$(error expected VENV to be one path without blanks, found '$(VENV)')
endif
BIN := $(VENV)/bin
# The constraints also apply to packages that pip needs for builds: pip before 25.3 reads the first variable, later pips the second.
PIP := PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/pip install --quiet --disable-pip-version-check
PORT ?= 8000
REPLICAS ?= 1
DISTRIBUTIONS := libs/shelfwise services/embedder services/retriever services/ranker services/gateway pipeline
EDITABLE := $(foreach d,$(DISTRIBUTIONS),-e ./$(d))
# Three workers for every two cores, since many tests wait for something. Four at most, since each uses up to 2 GB. The tests of
# a file run in one worker, since they share fixtures.
WORKERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )))
ON_ALL_CORES := --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# One thread for each worker: with more threads than cores, they would spin while they wait for each other.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Use
.PHONY: run
run: $(VENV)/installed ## Import the demo shop, build a bundle, start the four services (PORT=8000 REPLICAS=1)
	@exec $(BIN)/shelfwise run --port $(PORT) --replicas $(REPLICAS)

.PHONY: build
build: $(VENV)/installed ## Build and publish a bundle, even if nothing has changed
	@$(BIN)/shelfwise build --force

.PHONY: bench
bench: $(VENV)/benchmarks ## Compare the speed with that of the usual monolith (run `make run` once before)
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BIN)/python -m benchmarks.serving

.PHONY: evaluate
evaluate: $(VENV)/benchmarks ## Compare the quality of the answers with other libraries' (DATA=folder with the shops' data)
	@$(BIN)/python -m benchmarks.quality $(if $(DATA),--data $(DATA))

.PHONY: evaluate-shop
evaluate-shop: $(VENV)/benchmarks ## The same with your own shop's data: from DATABASE_URL, or from the database in var
	@$(BIN)/python -m benchmarks.quality --shop

##@ Develop
.PHONY: test
test: $(VENV)/developer ## Check style, types and import rules, then run the unit, contract and end-to-end tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory --jobs 2 types unit-and-contract
	$(BIN)/python -m pytest tests/e2e

.PHONY: test-unit
test-unit: $(VENV)/developer ## Run only the unit tests, which need no weights, services or database
	$(ONE_THREAD) $(BIN)/python -m pytest $(ON_ALL_CORES) tests/unit

# The parts of `test` before the end-to-end tests. Those run alone afterwards, since they check the timing of four processes.
.PHONY: types
types:
	$(BIN)/mypy

.PHONY: unit-and-contract
unit-and-contract:
	$(ONE_THREAD) $(BIN)/python -m pytest $(ON_ALL_CORES) tests/unit tests/contract

.PHONY: test-containers
test-containers: $(VENV)/developer ## Test the production images in containers (needs a container engine)
	$(BIN)/python -m pytest tests/containers -m containers

.PHONY: format
format: $(VENV)/developer ## Format the code and fix what the linter can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

##@ Clean
.PHONY: clean-var
clean-var: ## Delete var: the embedded database and its data, bundles, caches and logs
	rm -rf var

.PHONY: clean
clean: clean-var ## Delete var, the virtual environment and reports
	rm -rf $(VENV) reports

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Shelfwise needs Python 3.11, found no '$(PYTHON)'; install it, or name yours: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Shelfwise needs Python 3.11, '$(PYTHON)' is $$($(PYTHON) -V); name another one: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -f $@; echo "'$(PYTHON)' could not create $(VENV), see above; on Debian and Ubuntu: apt install python3.11-venv" >&2; exit 1; }

$(VENV)/installed: $(BIN)/python constraints.txt requirements-data.txt $(DISTRIBUTIONS:%=%/pyproject.toml)
	@echo "installing into $(VENV) (once, a minute or two) …"
	@$(PIP) -r requirements-data.txt --no-deps
	@$(PIP) -c constraints.txt $(EDITABLE)
	@found=$$($(BIN)/python -c 'import lightgbm' 2>&1) || { echo "$$found" | tail -n 1 >&2; echo "LightGBM does not load, see above; it needs the OpenMP runtime: install it (macOS: brew install libomp; Debian, Ubuntu: apt install libgomp1), then run make again" >&2; exit 1; }
	@touch $@

$(VENV)/torch: $(VENV)/installed
	@echo "installing torch into $(VENV) (once) …"
	@scripts/install_torch.sh $(BIN)/pip
	@touch $@

$(VENV)/developer: $(VENV)/torch requirements-dev.txt benchmarks/requirements.txt
	@echo "installing the packages for tests and benchmarks into $(VENV) (once) …"
	@$(PIP) -c constraints.txt -r requirements-dev.txt
	@touch $@

$(VENV)/benchmarks: $(VENV)/torch benchmarks/requirements.txt
	@echo "installing the packages for benchmarks into $(VENV) (once) …"
	@$(PIP) -c constraints.txt -r benchmarks/requirements.txt
	@touch $@
