# make demo | test | run | setup — everything else is a step of these.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements.lock
PIP := pip==26.3
VOCABULARY := build/vocab/ggml-vocab-qwen2.gguf
VOCABULARY_SHA256 := 44c2f46b715f585c6ab513970e8a006bfa5badd6108560054921cf598d154d8c
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell nproc 2>/dev/null || echo 2)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup demo test run lint unit headless model model-test bench bundle bundle-test lock pictures clean

setup: $(VENV)/.ready

$(VENV)/.ready: $(LOCK) pyproject.toml
	sh packaging/linux/system-libraries.sh build
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "$(PIP)"
	$(BIN)/python -m pip install --quiet --require-hashes -r $(LOCK)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: setup
	mkdir -p out
	$(BIN)/epicrisis draft resources/samples/angina.json --pdf out/epicrisis.pdf

run: setup
	sh packaging/linux/system-libraries.sh window
	$(BIN)/epicrisis-desktop

test: lint unit headless

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

unit: setup $(VOCABULARY)
	sh packaging/linux/system-libraries.sh window test
	$(BIN)/pytest

# The engine without Qt: its tests in an environment where PySide6 is not installed.
headless: .venv-engine/.ready $(VOCABULARY)
	.venv-engine/bin/pytest -p no:cacheprovider tests/engine tests/faults

.venv-engine/.ready: requirements-engine.lock pyproject.toml
	$(PYTHON) -m venv .venv-engine
	.venv-engine/bin/python -m pip install --quiet "$(PIP)"
	.venv-engine/bin/python -m pip install --quiet --require-hashes -r requirements-engine.lock
	.venv-engine/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	! .venv-engine/bin/python -c "import PySide6" 2>/dev/null
	touch $@

# The real Qwen2 vocabulary, for the random-weight model of the tests: a file of llama.cpp's own source.
$(VOCABULARY): $(VENV)/.ready
	rm -rf build/source
	mkdir -p build/vocab build/source
	$(BIN)/python -m pip download --quiet --no-deps --no-binary llama-cpp-python -d build/source \
	  "llama-cpp-python==$$($(BIN)/python -c 'import llama_cpp; print(llama_cpp.__version__)')"
	tar -xzf build/source/llama_cpp_python-*.tar.gz -C build/vocab --strip-components=4 --wildcards '*/ggml-vocab-qwen2.gguf'
	echo "$(VOCABULARY_SHA256)  $@" | sha256sum --check --quiet
	touch $@

model:
	$(PYTHON) packaging/model/build.py

# Conversion and fine-tuning on tiny random checkpoints, in the training environment.
model-test:
	$(PYTHON) packaging/model/build.py --only environment
	.venv-model/bin/python -m pytest -c packaging/model/tests/pytest.ini --rootdir packaging/model -p no:cacheprovider \
	  packaging/model/tests

bench: setup $(VOCABULARY)
	$(BIN)/python tests/benchmarks/construction.py $(CORPUS)
	$(BIN)/python -m tests.benchmarks.record_speed
	$(BIN)/python -m tests.benchmarks.checking_speed

# The frozen program, in dist/epicrisis. BUNDLE_FROM=.venv tries the specification without compiling llama.cpp anew.
BUNDLE_FROM ?= .venv-bundle

bundle:
	sh packaging/linux/system-libraries.sh build window
	$(PYTHON) packaging/pyinstaller/bundle.py $(if $(filter-out .venv-bundle,$(BUNDLE_FROM)),--environment $(BUNDLE_FROM))

bundle-test: bundle
	sh packaging/linux/system-libraries.sh window test
	$(BUNDLE_FROM)/bin/python -m pytest -p no:cacheprovider tests/end2end

pictures: setup
	$(BIN)/python docs/pictures/make_pictures.py

lock: setup
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 --extra dev \
	  pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 --extra dev \
	  --no-emit-package pyside6-essentials --no-emit-package shiboken6 --no-emit-package pytest-qt \
	  pyproject.toml -o requirements-engine.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	  --excludes packaging/model/requirements.excluded packaging/model/requirements.in -o packaging/model/requirements.lock

clean:
	rm -rf $(VENV) .venv-engine .venv-model .venv-bundle build dist out
