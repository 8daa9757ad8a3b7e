#!/bin/sh
# Proves the editor path with an independent tool: Taplo, which editors run, must accept every good document
# and flag each bad one, through the `#:schema` line of a file and through the association of `.taplo.toml`.
#
# Usage: tests/taplo.sh [FOLDER]. The folder is where Taplo is installed by npm; a temporary one by default.
set -eu

version=0.7.0
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

if [ $# -gt 0 ]; then
    tools=$1
    mkdir -p "$tools"
else
    tools=$(mktemp -d)
    trap 'rm -rf "$tools"' EXIT
fi
taplo=$tools/node_modules/.bin/taplo
if [ ! -x "$taplo" ]; then
    npm install --no-audit --no-fund --ignore-scripts --prefix "$tools" "@taplo/cli@$version"
fi

failures=0
fail() {
    failures=$((failures + 1))
    echo "taplo: $*" >&2
}

# Each folder with documents is linted as a whole: the schema is named by the file or by `.taplo.toml`.
good="gitsm.toml catalog policies examples tests/base tests/taplo/good"
files=$(for path in $good; do
    if [ -e "$path" ]; then find "$path" -name '*.toml' ! -name '.*'; fi
done | sort)
number=$(echo "$files" | wc -l)
# shellcheck disable=SC2086 # the paths of documents hold no spaces
if ! "$taplo" lint --config .taplo.toml $files >"$tools/out" 2>&1; then
    cat "$tools/out" >&2
    fail "a good document was refused"
fi

# Taplo names each file that it refuses, with the reason.
"$taplo" lint --config .taplo.toml tests/taplo/bad/*.toml >"$tools/out" 2>&1 || true
for file in tests/taplo/bad/*.toml; do
    grep -q "schema validation failed.*/$file" "$tools/out" || fail "$file was not refused for its schema"
    [ -e "tests/taplo/good/${file##*/}" ] || fail "$file has no good neighbour"
done

# Without a `#:schema` line the association has to find the schema.
mkdir -p "$tools/project/catalog"
cp -r schemas .taplo.toml "$tools/project/"
for quality in good bad; do
    sed '/^#:schema/d' "tests/taplo/$quality/not-a-choice.toml" >"$tools/project/catalog/$quality.toml"
    sed '/^#:schema/d' "tests/taplo/$quality/currency-in-words.toml" >"$tools/project/gitsm.toml"
    for file in "catalog/$quality.toml" gitsm.toml; do
        if (cd "$tools/project" && "$taplo" lint --config .taplo.toml "$file") >"$tools/out" 2>&1; then
            [ "$quality" = good ] || fail "$file without a schema line: the bad one was accepted"
        else
            [ "$quality" = bad ] || { cat "$tools/out" >&2; fail "$file without a schema line: the good one was refused"; }
        fi
    done
done

# The layout of editors is the layout of `gitsm fmt`.
# shellcheck disable=SC2086
if ! "$taplo" fmt --check --config .taplo.toml $files >"$tools/out" 2>&1; then
    cat "$tools/out" >&2
    fail "a document is laid out in another way than gitsm does"
fi

[ "$failures" -eq 0 ] || exit 1
echo "taplo: $number good documents accepted, $(ls tests/taplo/bad | wc -l) bad ones flagged"
