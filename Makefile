# `make demo`, `make test` and `make docs` need Python 3.11 or newer, make, and the network for pip. Nothing else.
PYTHON ?= python3
DEMO = .venv-demo
TEST = .venv-test
LOWEST = .venv-lowest
# The lowest versions have no wheels for much later Pythons.
LOWEST_PYTHON ?= python3.11
# Processes that run the tests, each with one thread: one more than cores, since tests wait for pages and servers.
WORKERS ?= 3
# What `make attack` tries of each kind of picture; of each kind of film it tries a fifth as many.
MUTATIONS ?= 1500
PIP = -m pip install --quiet --disable-pip-version-check
LOWEST_INSTALL = $(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct

.PHONY: demo test lowest web portable docs attack results format clean

demo: $(DEMO)/installed
	$(DEMO)/bin/python examples/demo.py
	$(DEMO)/bin/python examples/with_hints.py
	$(DEMO)/bin/python examples/with_variants.py

# A file that marks a finished environment, made anew when the project's needs change.
$(DEMO)/installed: pyproject.toml
	@echo "Fetching retint's core: numpy, Pillow, OpenCV, ONNX Runtime and small ones (about 110 MB)"
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python $(PIP) --editable .
	@touch $@

test: export OMP_NUM_THREADS = 1
# Programs that the tests start need not compile retint again.
test: export PYTHONDONTWRITEBYTECODE =
test: $(TEST)/installed
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/ruff check .
	$(TEST)/bin/mypy
	$(TEST)/bin/lint-imports
	$(TEST)/bin/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not alone"
	$(TEST)/bin/pytest -m alone

$(TEST)/installed: pyproject.toml constraints/torch.txt
	@echo "Fetching what the tests need: the core, PyTorch (CPU build, about 200 MB) and test tools"
	$(PYTHON) -m venv $(TEST)
	$(TEST)/bin/python $(PIP) --upgrade 'pip>=25.1'
	$(TEST)/bin/python $(PIP) --constraint constraints/torch.txt --editable '.[all]' --group test --group docs
	@touch $@

# The oldest versions that pyproject.toml allows: the core without any extra, then the server with films.
lowest:
	$(LOWEST_PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/python $(PIP) 'uv>=0.8'
	$(LOWEST_INSTALL) --editable . --group core-test
	$(LOWEST)/bin/python -m pytest --core
	$(LOWEST_INSTALL) --editable '.[film,serve]' --group server-test
	$(LOWEST)/bin/python -m pytest tests/server --ignore tests/server/page --ignore tests/server/test_schema.py

# The page without a server, into site/web/: static files, with ONNX Runtime Web from the registry of npm.
web: $(TEST)/installed
	$(TEST)/bin/python -m tools.web site/web

# Archives with Python in them, into dist/: Python comes from python-build-standalone, by uv.
portable: $(TEST)/installed
	$(TEST)/bin/python -m tools.portable dist --system linux
	$(TEST)/bin/python -m tools.portable dist --system windows

# The site, into site/html/: warnings are errors, notebooks are run. The page without a server is in its folder try/.
docs: $(TEST)/installed web
	OMP_NUM_THREADS=2 $(TEST)/bin/sphinx-build -W --keep-going -q docs site/html
	rm -rf site/html/try
	cp -r site/web site/html/try
	@echo "site/html/index.html"

# Broken pictures by the ten thousand, broken films, full disks, kills, and callers that mean no good.
attack: $(TEST)/installed
	RETINT_MUTATIONS=$(MUTATIONS) RETINT_AUDIT_SECONDS=60 $(TEST)/bin/pytest -s \
		tests/test_audit.py tests/picture/test_exact.py tests/files/test_corpus.py tests/files/test_odd.py \
		tests/batch tests/cli/test_nothing_lost.py tests/colorizers/test_hostile.py \
		tests/server/test_connection.py tests/server/test_limits.py tests/server/test_memory.py \
		tests/server/test_hostile.py tests/server/test_precedence.py tests/server/test_folders.py \
		tests/server/test_films.py tests/server/page/test_markup.py \
		tests/film/test_hostile.py tests/film/test_opening.py tests/film/test_endings.py

# The figures in the pages and the model cards, from docs/results.json, the tables of options and limits,
# from the code, and how retint is installed, from tools/install.py.
results: $(TEST)/installed
	$(TEST)/bin/python -m tools.cards docs/results.json \
		docs/results.md docs/options.md docs/methods.md docs/diffusion.md docs/serve.md README.md $(wildcard src/retint/weights/*.md)
	$(TEST)/bin/python -m tools.install README.md $(wildcard docs/*.md docs/notebooks/*.md)

format:
	$(TEST)/bin/ruff format .
	$(TEST)/bin/ruff check --fix .

clean:
	rm -rf $(DEMO) $(TEST) $(LOWEST) .cache demo site docs/_made docs/cards
