#!/usr/bin/env bash
# Runs what stands in for GitHub in the tests. Only this machine reaches it, and any number of them can run beside each other.
#
#   github.sh install          installs it, in the versions that are pinned, below target/
#   github.sh start FOLDER     starts an emulator that keeps its state in memory, and prints its url
#   github.sh check FOLDER     starts one that keeps nothing, and refuses what GitHub's own description does not allow
#   github.sh stop FOLDER      stops it
#
# There is an organisation `example` with a repository `service-desk`, and the token in seed.json. What they say goes into
# the folder. What it needs: Node.js and npm (`.ci/test` installs them).
set -euo pipefail

here=$(cd "$(dirname "$0")/github" && pwd)
tools=$here/../../../target/servers/github
action=${1:?install, start, check or stop}

free_port() { # the port is free now; nobody else looks for one in the same moment
    node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

await_port() { # port, folder
    for _ in $(seq 200); do
        if node -e 'require("node:net").connect(process.argv[1], "127.0.0.1").on("connect", () => process.exit(0)).on("error", () => process.exit(1))' "$1"; then
            echo "http://127.0.0.1:$1"
            return
        fi
        kill -0 "$(cat "$2/pid")" 2>/dev/null || break
    done
    cat "$2/server.log" >&2
    exit 1
}

case $action in
install)
    mkdir -p "$tools"
    if ! cmp -s "$here/package-lock.json" "$tools/installed"; then
        cp "$here/package.json" "$here/package-lock.json" "$tools/"
        npm ci --prefix "$tools" --no-audit --no-fund --ignore-scripts
        # Most of the descriptions are those of other editions, and large.
        find "$tools/node_modules/@octokit/openapi/generated" -type f ! -name api.github.com.json -delete
        # Last, so that it says that everything is there.
        cp "$here/package-lock.json" "$tools/installed"
    fi
    ;;
start)
    mkdir -p "${2:?a folder}"
    port=$(free_port)
    NODE_OPTIONS="--require=$here/loopback.cjs" node "$tools/node_modules/emulate/dist/index.js" start \
        --service github --port "$port" --base-url "http://127.0.0.1:$port" --seed "$here/seed.json" \
        > "$2/server.log" 2>&1 < /dev/null &
    echo $! > "$2/pid"
    await_port "$port" "$2"
    ;;
check)
    mkdir -p "${2:?a folder}"
    repository='/repos/{owner}/{repo}' organisation='/orgs/{org}'
    node "$here/subset.cjs" "$tools/node_modules/@octokit/openapi/generated/api.github.com.json" "$2/github.json" \
        "$repository" "$repository/labels" "$repository/labels/{name}" "$organisation/members" "$organisation/teams" \
        "$organisation/teams/{team_slug}" "$organisation/teams/{team_slug}/members" \
        "$organisation/teams/{team_slug}/memberships/{username}" "$repository/rulesets" "$repository/rulesets/{ruleset_id}"
    port=$(free_port)
    node "$tools/node_modules/@stoplight/prism-cli/dist/index.js" mock --errors --host 127.0.0.1 --port "$port" \
        "$2/github.json" > "$2/server.log" 2>&1 < /dev/null &
    echo $! > "$2/pid"
    await_port "$port" "$2"
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
    echo "there is no \`$action\`: write install, start, check or stop" >&2
    exit 2
    ;;
esac
