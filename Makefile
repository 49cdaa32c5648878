# What a newcomer needs: `make run` sets everything up and starts a server; `make test` sets everything up and runs every
# test. Both are safe to run again and quick the second time.
.PHONY: help bootstrap run build test format lint clean bench-http bench-vectors bench-retrieval

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

IMAGO = .build/release/imago

run: build ## set up, build and start a server on 127.0.0.1:8080 (ARGS="--port 9000" for other options)
	@exec $(IMAGO) serve $(ARGS)

build: ## set up and build the release binary, .build/release/imago
	@scripts/bootstrap
	@if [ -x $(IMAGO) ] && [ -z "$$(find Package.swift Sources .deps/openvino/VERSION -newer $(IMAGO) -print -quit)" ]; then \
	    echo "==> imago is up to date"; \
	else \
	    echo "==> building imago (the first time takes some minutes)"; \
	    swift build -c release --product imago && touch $(IMAGO); \
	fi

test: ## set up, build and run every test
	@scripts/bootstrap --test
	@echo "==> building the tests (the first time takes some minutes)"
	@swift build --build-tests
	@echo "==> running the tests"
	@swift test --skip-build

bootstrap: ## install system libraries and the inference runtime
	@scripts/bootstrap

bench-http: build ## measure uploads, content, memory and indexing of a real server
	@Benchmarks/http/run.sh $(ARGS)

bench-vectors: ## measure vector search beside its peers
	@Benchmarks/vectors/run.sh $(ARGS)

bench-retrieval: build ## measure text-to-image recall through the API
	@Benchmarks/retrieval/run.sh $(ARGS)

format: ## format all Swift sources
	@swift format -i -r --configuration .swift-format Package.swift Sources Tests

lint: ## check the formatting of all Swift sources
	@swift format lint --strict -r --configuration .swift-format Package.swift Sources Tests

clean: ## remove build products
	@rm -rf .build
