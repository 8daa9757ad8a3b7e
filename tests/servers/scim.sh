#!/usr/bin/env bash
# Runs a SCIM server for the tests. Only this machine reaches it, and any number of them can run beside each other.
#
#   scim.sh install          installs it, in the versions that are pinned, below target/
#   scim.sh start FOLDER     starts one that keeps its state in memory, and prints its url
#   scim.sh stop FOLDER      stops it
#
# Each path `NAME/v2` below the url is a service of its own that is empty at first. What it says goes into the folder, and
# so does the token that it knows. What it needs: Python 3.11 or later with venv (`.ci/test` installs it).
set -euo pipefail

here=$(cd "$(dirname "$0")/scim" && pwd)
tools=$here/../../../target/servers/scim
action=${1:?install, start or stop}

case $action in
install)
    mkdir -p "$tools"
    if ! cmp -s "$here/requirements.txt" "$tools/installed"; then
        rm -rf "$tools/venv"
        python3 -m venv "$tools/venv"
        "$tools/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
            --require-hashes --requirement "$here/requirements.txt"
        # Last, so that it says that everything is there.
        cp "$here/requirements.txt" "$tools/installed"
    fi
    ;;
start)
    mkdir -p "${2:?a folder}"
    python=$tools/venv/bin/python
    # The port is free now; nobody else looks for one in the same moment.
    port=$("$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
    echo "scim-$port-0123456789" > "$2/token"
    # Not by its own command, which a folder with a long name or that was moved would not find.
    "$python" -c 'from scim2_server.testserver.cli import main; main()' --hostname 127.0.0.1 --port "$port" \
        --bearer-token "$(cat "$2/token")" --dynamic-tenants > "$2/server.log" 2>&1 < /dev/null &
    echo $! > "$2/pid"
    for _ in $(seq 200); do
        if grep -q 'Serving SCIM' "$2/server.log"; then
            echo "http://127.0.0.1:$port"
            exit
        fi
        kill -0 "$(cat "$2/pid")" 2>/dev/null || break
        sleep 0.05
    done
    cat "$2/server.log" >&2
    exit 1
    ;;
stop)
    pid=$(cat "${2:?a folder}/pid" 2>/dev/null) || exit 0
    rm -f "$2/pid"
    kill "$pid" 2>/dev/null || exit 0
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || exit 0
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
    ;;
*)
    echo "there is no \`$action\`: write install, start or stop" >&2
    exit 2
    ;;
esac
