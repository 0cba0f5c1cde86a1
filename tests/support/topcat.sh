# TOPCAT in a real window under Xvfb beside a node of the demonstration: sourced by tests that
# drive it. They set `out`, a folder under build for pictures and logs; what TOPCAT asked is
# in the node's log, which decides.
mkdir -p "$out"
for tool in topcat Xvfb xdotool import; do
    command -v "$tool" >/dev/null || { echo "skip TOPCAT: $tool is not installed"; exit 0; }
done
conf=$(/usr/bin/python3 -c 'import sys; sys.path.insert(0, "tests/support"); import node; print(node.demo_conf())')
port=$(/usr/bin/python3 -c 'import sys; sys.path.insert(0, "tests/support"); import node; print(node.free_port())')
display=:$((90 + RANDOM % 900))
home=$(mktemp -d)
"${COLURE:-build/colure}" serve --conf "$conf" --port "$port" --state "$home/state" 2>"$out/node.log" &
node=$!
Xvfb "$display" -screen 0 1280x1024x24 -nolisten tcp 2>/dev/null &
xvfb=$!
export DISPLAY=$display
sleep 2
# No registry is asked: a proxy that nobody serves refuses at once what is not on this machine.
topcat -Duser.home="$home" -Dhttp.proxyHost=localhost -Dhttp.proxyPort=9 \
    -Dhttps.proxyHost=localhost -Dhttps.proxyPort=9 -nohub >"$out/topcat.log" 2>&1 &
topcat=$!
end() {
    kill "$topcat" 2>/dev/null
    pkill -P "$topcat" 2>/dev/null
    kill -INT "$node" 2>/dev/null
    wait "$node" 2>/dev/null
    kill "$xvfb" 2>/dev/null
    rm -rf "$home"
}
trap end EXIT

# Waits until the pattern stands in the node's log: asked PATTERN [SECONDS].
asked() {
    for _ in $(seq $((2 * ${2:-30}))); do
        grep -qE "$1" "$out/node.log" && return 0
        sleep 0.5
    done
    return 1
}
# Waits for a window of that name; prints its id.
window() {
    for _ in $(seq 120); do
        id=$(xdotool search --onlyvisible --name "$1" 2>/dev/null | head -n 1)
        [ -n "$id" ] && { echo "$id"; return 0; }
        sleep 0.5
    done
    return 1
}
say() { if [ "$1" = 0 ]; then echo "ok $2"; else echo "not ok $2: ${3:-}"; fi; }
at() { xdotool mousemove --window "$1" "$2" "$3" click 1; } # relative to a window

main=$(window '^TOPCAT$')
say $? "TOPCAT starts" "$(tail -n 2 "$out/topcat.log" | tr '\n' ' ')"
sleep 3
