#!/usr/bin/env bash
# Runs the SDK of ServiceNow in the tests of its target. Nothing of it talks to an instance.
#
#   servicenow.sh install         installs it, in the version that is pinned, below target/
#   servicenow.sh build FOLDER    compiles the project in the folder, and prints what the compiler says
#   servicenow.sh columns FOLDER  prints what the columns of the tables take, from the types of the SDK and the compiled
#                                 project in the folder
#
# What it needs: Node.js and npm (`.ci/test` installs them).
set -euo pipefail

here=$(cd "$(dirname "$0")/servicenow" && pwd)
tools=$here/../../../target/servers/servicenow
action=${1:?install, build or columns}

case $action in
install)
    mkdir -p "$tools"
    if ! cmp -s "$here/package-lock.json" "$tools/installed"; then
        cp "$here/package.json" "$here/package-lock.json" "$tools/"
        npm ci --prefix "$tools" --no-audit --no-fund --ignore-scripts
        # Last, so that it says that everything is there.
        cp "$here/package-lock.json" "$tools/installed"
    fi
    ;;
build)
    cd "${2:?a folder}"
    ln -sfn "$(cd "$tools" && pwd)/node_modules" node_modules
    # It reads what was typed at a login from the home of whoever runs it: here nobody did.
    HOME=$PWD/home NO_COLOR=1 node node_modules/@servicenow/sdk/bin/index.js build . 2>&1
    ;;
columns)
    node "$here/columns.cjs" "$(cd "$tools" && pwd)/node_modules/@servicenow/sdk-core" "${2:?a folder}"
    ;;
*)
    echo "there is no \`$action\`: write install, build or columns" >&2
    exit 2
    ;;
esac
