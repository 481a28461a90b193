# Sourced by the other scripts: where the toolchain and the build cache are.
# shellcheck shell=bash

KEEL_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
KEEL_CACHE="${KEEL_CACHE:-$HOME/.cache/keel}"
export KEEL_ROOT KEEL_CACHE

# Outside the clone, so that a second clone on the same machine starts warm.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$KEEL_CACHE/target}"
# The Wasm builder looks for Cargo.lock upwards from the target folder, which is not in the clone.
export WASM_BUILD_WORKSPACE_HINT="$KEEL_ROOT"
# Use the system's OpenSSL: building it costs several minutes.
export OPENSSL_NO_VENDOR="${OPENSSL_NO_VENDOR:-1}"

# `scripts/setup` links a distribution's toolchain here when rustup cannot provide the pinned one.
# It must win over rustup's shims, which would stop at rust-toolchain.toml.
if [ -x "$KEEL_CACHE/toolchain/bin/cargo" ]; then
	case ":$PATH:" in
		*":$KEEL_CACHE/toolchain/bin:"*) ;;
		*) export PATH="$KEEL_CACHE/toolchain/bin:$PATH" ;;
	esac
elif [ -d "$HOME/.cargo/bin" ]; then
	case ":$PATH:" in
		*":$HOME/.cargo/bin:"*) ;;
		*) export PATH="$HOME/.cargo/bin:$PATH" ;;
	esac
fi

# Clippy compiles our crates: they are linted and built in one go, and no dependency is checked for it again. Empty, it
# lints nothing and warns of what rustc finds: CLIPPY_ARGS= cargo test (our crates are built again).
export RUSTC_WORKSPACE_WRAPPER="${RUSTC_WORKSPACE_WRAPPER-clippy-driver}"
export CLIPPY_ARGS="${CLIPPY_ARGS--Dwarnings__CLIPPY_HACKERY__}"

# lld links in a fraction of the time. Compilers that rustup installs use theirs by themselves.
if [ -x "$KEEL_CACHE/toolchain/bin/ld.lld" ]; then
	case "${RUSTFLAGS:-}" in
		*-fuse-ld=*) ;;
		*) export RUSTFLAGS="${RUSTFLAGS:+$RUSTFLAGS }-Clink-arg=-fuse-ld=lld" ;;
	esac
fi

# Beside the runtime also the one that upgrades are rehearsed with is built: one version later.
export KEEL_NEXT_RUNTIME=1

# The Wasm is a release build, whatever the profile of the node.
export WASM_BUILD_TYPE=release

# Tools have a workspace of their own, and so a target folder.
export KEEL_TOOLS_TARGET="${KEEL_TOOLS_TARGET:-$KEEL_CACHE/target-tools}"
# So have benchmarks: their features would rebuild everything in the usual one, twice.
export KEEL_WEIGHTS_TARGET="${KEEL_WEIGHTS_TARGET:-$KEEL_CACHE/target-weights}"

# One profile for node and tests: each heavy dependency is built once.
KEEL_PROFILE="${KEEL_PROFILE:-ci}"
KEEL_BIN="$CARGO_TARGET_DIR/$KEEL_PROFILE"
export KEEL_PROFILE KEEL_BIN
