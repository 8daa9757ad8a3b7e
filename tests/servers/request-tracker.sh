#!/usr/bin/env bash
# Runs a Request Tracker 5 of its own for the tests: with SQLite, in one folder, on this machine only. Nothing of the
# system is touched, so any number of them can run beside each other.
#
#   request-tracker.sh start FOLDER    makes one in the folder if there is none, and starts it; prints its url
#   request-tracker.sh reset FOLDER    makes it as it was in the beginning, while it runs
#   request-tracker.sh configure FOLDER FILE.pm    starts it again with a configuration of its own beside
#   request-tracker.sh load FOLDER FILE.json       inserts initial data
#   request-tracker.sh token FOLDER USER           prints a token of a user
#   request-tracker.sh due FOLDER LEVEL TYPE INSTANT...    prints when a level is due that starts at each of these
#   request-tracker.sh stop FOLDER     stops it
#
# The token of its administrator is in FOLDER/token. What it needs: request-tracker5 rt5-db-sqlite rt5-standalone
# msmtp-mta dbconfig-no-thanks sqlite3 (`.ci/test` installs them).
set -euo pipefail

library=/usr/share/request-tracker5
action=${1:?start, reset, configure, load, token, due or stop}
mkdir -p "${2:?a folder}"
folder=$(cd "$2" && pwd)
export RT_SITE_CONFIG="$folder/RT_SiteConfig.pm"
# A folder of configuration that is none: only the file counts.
export RT_SITE_CONFIG_DIR=/dev/null
if [ -d "$folder/RT_SiteConfig.d" ]; then
    export RT_SITE_CONFIG_DIR="$folder/RT_SiteConfig.d"
fi

perl_in_rt() { # a program, its arguments
    perl "-I$library/lib" -MRT -e "RT::LoadConfig(); RT::Init(); $1" -- "${@:2}"
}

make() {
    # The port is free now; nobody else looks for one in the same moment.
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport' > "$folder/port"
    # Passwords are hashed at each call: the cheapest hash makes a call ten times as fast.
    cat > "$RT_SITE_CONFIG" <<CONFIG
Set(\$rtname, 'gitsm.test');
Set(\$Organization, 'gitsm.test');
Set(\$WebDomain, '127.0.0.1');
Set(\$WebPort, $(cat "$folder/port"));
Set(\$WebPath, '');
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$folder/rt5.sqlite');
Set(\$LogToSyslog, '');
Set(\$LogToSTDERR, 'error');
Set(\$MailCommand, 'testfile');
Set(\$BcryptCost, 4);
Set(\$Timezone, 'UTC');
Set(\$InitialdataFormatHandlers, ['perl', 'RT::Initialdata::JSON']);
1;
CONFIG
    "$(command -v rt-setup-database-5 || command -v rt-setup-database)" --action init --skip-create > "$folder/init.log" 2>&1
    perl_in_rt 'my $root = RT::CurrentUser->new; $root->Load("root");
        my ($done, $message, $token) = RT::AuthToken->new($root)->Create(Owner => $root->id, Description => "gitsm");
        die $message unless $done; print $token' > "$folder/token"
    sqlite3 "$folder/rt5.sqlite" ".backup '$folder/pristine.sqlite'"
}

serve() {
    local port
    port=$(cat "$folder/port")
    setsid "$library/libexec/rt-server" --server Starlet --host 127.0.0.1 --port "$port" --max-workers 3 \
        > "$folder/server.log" 2>&1 < /dev/null &
    echo $! > "$folder/pid"
    for _ in $(seq 300); do
        if perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => shift)' "$port"; then
            return
        fi
        kill -0 "$(cat "$folder/pid")" 2>/dev/null || break
        sleep 0.1
    done
    cat "$folder/server.log" >&2
    exit 1
}

halt() {
    local pid
    pid=$(cat "$folder/pid" 2>/dev/null) || return 0
    rm -f "$folder/pid"
    kill "$pid" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
}

case $action in
start)
    [ -e "$folder/token" ] || make
    serve
    echo "http://127.0.0.1:$(cat "$folder/port")/"
    ;;
reset)
    sqlite3 "$folder/rt5.sqlite" ".restore '$folder/pristine.sqlite'"
    ;;
configure)
    halt
    mkdir -p "$folder/RT_SiteConfig.d"
    cp "${3:?a file}" "$folder/RT_SiteConfig.d/"
    export RT_SITE_CONFIG_DIR="$folder/RT_SiteConfig.d"
    serve
    ;;
load)
    "$(command -v rt-setup-database-5 || command -v rt-setup-database)" --action insert --skip-create --datafile "${3:?a file}"
    ;;
token)
    perl_in_rt 'my $user = RT::CurrentUser->new; $user->Load(shift @ARGV);
        my ($done, $message, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->id, Description => "gitsm");
        die $message unless $done; print $token' "${3:?a user}"
    ;;
due)
    perl_in_rt 'my ($level, $type, @starts) = @ARGV;
        for my $start (@starts) {
            my $date = RT::Date->new(RT->SystemUser);
            $date->Set(Format => "ISO", Value => $start =~ s/T/ /r =~ s/Z//r, Timezone => "UTC");
            my $due = RT::SLA->CalculateTime(Level => $level, Type => $type, Time => $date->Unix);
            $date->Unix($due);
            print $date->W3CDTF(Timezone => "UTC"), "\n";
        }' "${3:?a level}" "${4:?a type}" "${@:5}"
    ;;
stop)
    halt
    ;;
*)
    echo "there is no \`$action\`: write start, reset, configure, load, token, due or stop" >&2
    exit 2
    ;;
esac
