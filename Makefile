# Colure's one Makefile. `make help` lists the targets.

BUILD    ?= build/release
ifeq ($(origin CC),default)
CC       := gcc
endif
PORT     ?= 8080
T        ?=
TIME     ?= 60
SANITIZE ?=
WERROR   ?=

# Folders in the order of tools/layers. Adapters (stores/NAME) are shared objects of their own.
FOLDERS := core/base core/sky core/catalog core/formats core/http core/samp core/fits core/hdf5 core/products core/uws core/query \
           core/dali core/ingest auth adql stores tap sia ssa scs datalink federation web core/node
ADAPTERS := $(notdir $(patsubst %/,%,$(dir $(wildcard stores/*/*.c))))
ADAPTERS := $(sort $(ADAPTERS))

PKGS     := libmicrohttpd libxml-2.0 cfitsio libcurl yaml-0.1 sqlite3 openssl uuid zlib erfa libpq wcslib libpng libjpeg \
            libcmark-gfm hdf5
HAVE_PKGS := $(shell pkg-config --exists $(PKGS) 2>/dev/null && echo yes)
CFLAGS_PKGS := $(if $(HAVE_PKGS),$(shell pkg-config --cflags $(PKGS)))
LIBS_PKGS   := $(if $(HAVE_PKGS),$(shell pkg-config --libs $(PKGS)))

WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wwrite-strings $(if $(WERROR),-Werror)
HARDEN   := $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong
OPT      ?= -O2 -g
CPPFLAGS += -I. -D_GNU_SOURCE
CFLAGS_ALL := -std=c17 $(OPT) $(WARN) $(HARDEN) -fPIC -pthread $(CFLAGS_PKGS) \
              $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer) $(CFLAGS)
LDFLAGS_ALL := -pthread -rdynamic -Wl,-z,relro,-z,now \
              $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(LDFLAGS)
LIBS     := $(LIBS_PKGS) -lcmark-gfm-extensions -ldl -lm

SRC      := $(filter-out core/node/main.c,$(foreach f,$(FOLDERS),$(wildcard $(f)/*.c)))
OBJ      := $(SRC:%.c=$(BUILD)/%.o)
LIB      := $(BUILD)/libcolure.a
SDK_SRC  := $(wildcard core/base/*.c core/sky/*.c)
SDK      := $(BUILD)/libcolure-sdk.a
BIN      := $(if $(filter build/release,$(BUILD)),build/colure,$(BUILD)/colure)
STORES   := $(if $(filter build/release,$(BUILD)),build/stores,$(BUILD)/stores)
PLUGINS  := $(ADAPTERS:%=$(STORES)/%.so)
DUCKDB   := build/lib/libduckdb.so

UNIT_SRC := $(wildcard tests/unit/*/test_*.c tests/store_kit/*.c)
UNIT_BIN := $(UNIT_SRC:%.c=$(BUILD)/%)
TEST_TOOL_SRC := $(wildcard tests/support/*.c)
TEST_TOOL_BIN := $(TEST_TOOL_SRC:%.c=$(BUILD)/%)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/bench_*.c tests/bench/tool_*.c tests/bench/floor_*.c)
BENCH_BIN := $(BENCH_SRC:%.c=$(BUILD)/%)

.PHONY: all help demo run test check fuzz bench lint cover docs install clean hooks setup \
        asan tsan units packages
.SECONDARY:

all: $(BIN) $(PLUGINS) build/web/.stamp  ## builds the node and all adapters

help:  ## lists the targets
	@sed -n 's/^\([a-z]*\):.*##  */\1\t/p' Makefile | expand -t 12

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(LIB): $(OBJ)
	@rm -f $@
	ar rcs $@ $^

$(SDK): $(SDK_SRC:%.c=$(BUILD)/%.o)
	@rm -f $@
	ar rcs $@ $^

$(BIN): $(BUILD)/core/node/main.o $(LIB)
	$(CC) $(LDFLAGS_ALL) -o $@ $(BUILD)/core/node/main.o -Wl,--whole-archive $(LIB) \
	    -Wl,--no-whole-archive $(LIBS)

# An adapter: its own objects with the SDK inside, nothing exported but its entry.
define ADAPTER_RULE
$(STORES)/$(1).so: $$(patsubst %.c,$(BUILD)/%.o,$$(wildcard stores/$(1)/*.c)) $(SDK)
	@mkdir -p $$(@D)
	$(CC) -shared $(LDFLAGS_ALL) -Wl,--version-script=stores/plugin.map -o $$@ $$^ -ldl -lm \
	    $$(LIBS_$(1))
endef
LIBS_duckdb := $(if $(HAVE_PKGS),$(shell pkg-config --libs erfa))
LIBS_example := $(LIBS_duckdb)
LIBS_postgres := $(LIBS_duckdb) $(if $(HAVE_PKGS),$(shell pkg-config --libs libpq))
$(foreach a,$(ADAPTERS),$(eval $(call ADAPTER_RULE,$(a))))

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(LIB)
	$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -Wl,--whole-archive $(LIB) -Wl,--no-whole-archive $(LIBS)

# Benchmarks that load a node share its child process and clients.
$(BUILD)/tests/bench/bench_http $(BUILD)/tests/bench/bench_plot $(BUILD)/tests/bench/tool_load $(BUILD)/tests/bench/tool_fetch: $(BUILD)/tests/bench/load_node.o $(BUILD)/tests/bench/load_client.o

packages: # for scripts: the names that pkg-config knows
	@echo $(PKGS)

# What the pages load. Without npm it says what will be missing, and all else is built.
WEB_SRC := $(wildcard web/assets/* web/vendor/* docs/*.md docs/*/*) tools/setup/web
build/web/.stamp: $(WEB_SRC)
	@tools/setup/web
	@touch $@

units: $(UNIT_BIN) $(TEST_TOOL_BIN) $(BIN) $(PLUGINS)

$(DUCKDB):
	tools/setup/duckdb

setup:
	tools/setup/system build

demo:  ## installs what is missing, builds, makes the demo data, serves it on PORT
	@tools/setup/demo $(PORT)

run: all  ## starts the node with CONF=FILE
	$(BIN) serve --conf $(CONF) --port $(PORT)

test:  ## installs what the tests need and runs all of them; T=FOLDER for one
	@tools/setup/system test
	@$(MAKE) --no-print-directory -j2 all units $(DUCKDB)
	@tests/run $(BUILD) $(T)

asan:
	@$(MAKE) --no-print-directory -j2 BUILD=build/asan SANITIZE=address,undefined OPT='-O1 -g' all units $(DUCKDB)
	@ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	    tests/run build/asan $(T)

tsan:
	@$(MAKE) --no-print-directory -j2 BUILD=build/tsan SANITIZE=thread OPT='-O1 -g' all units $(DUCKDB)
	@TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=1" \
	    TEST_FOLDERS="golden faults conformance" tests/run build/tsan $(T)

check: asan tsan  ## the tests under asan+ubsan, then tsan, then with injected faults
	@tests/run build/asan faults

fuzz:  ## a minute for each fuzz target; T=NAME TIME=SECONDS
	@tests/fuzz/run "$(T)" $(TIME)

bench: all $(BENCH_BIN) $(DUCKDB)  ## ratios side by side in one run, and build/bench.json
	@tests/bench/run

lint:  ## formatting, layers, ban list, lengths, static analysis
	@tools/setup/system lint
	@tools/lint/run

docs:  ## makes docs/standards.md from the rule ids that tests cite
	tools/docs/standards > docs/standards.md

cover:  ## line coverage of the unit tests
	@$(MAKE) --no-print-directory -j2 BUILD=build/cover OPT='-O0 -g --coverage' LDFLAGS=--coverage all units
	@tests/run build/cover unit
	@tools/docs/cover build/cover

install: all  ## copies the node to PREFIX (/usr/local)
	tools/setup/install $(DESTDIR)$(or $(PREFIX),/usr/local)

hooks:  ## a pre-commit hook that runs make lint
	@printf '#!/bin/sh\nexec make lint\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit

clean:  ## removes what was built
	rm -rf --one-file-system build

-include $(OBJ:.o=.d) $(UNIT_BIN:=.d) $(TEST_TOOL_BIN:=.d) $(BUILD)/core/node/main.d $(wildcard $(BUILD)/stores/*/*.d) $(BENCH_BIN:=.d)
