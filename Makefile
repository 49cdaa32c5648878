# What a newcomer needs: `make test` sets everything up and runs every test.
.PHONY: help bootstrap test format lint clean
help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
bootstrap: ## install system libraries and the inference runtime
	@scripts/bootstrap
test: ## set up, build and run every test
	@scripts/bootstrap --test
	@echo "==> building the tests"
	@swift build --build-tests
	@echo "==> running the tests"
	@swift test --skip-build
format: ## format all Swift sources
	@swift format -i -r --configuration .swift-format Package.swift Sources Tests
lint: ## check the formatting of all Swift sources
	@swift format lint --strict -r --configuration .swift-format Package.swift Sources Tests
clean: ## remove build products
	@rm -rf .build
