/**
 * The parent of a session's process. It writes down its pid before and the exit code after, so that a runner that
 * was restarted meanwhile learns both, and outlives the SIGTERM that ends its child.
 * Arguments: the attempt's folder, then the command.
 */
export const WRAPPER = `
echo $$ > "$1/pid"
folder=$1
shift
# Takes its room on the disk now: there may be none when it is needed.
printf '    ' > "$folder/exit"
trap : HUP INT TERM USR1 USR2
ulimit -c 0
echo 500 > /proc/self/oom_score_adj
"$@"
echo $? 1<> "$folder/exit"
`;

/** Bounds the number of processes inside a sandbox, where they are counted by themselves; then becomes the command. */
export const INNER_LIMITS = `
limit=$1
shift
ulimit -u "$limit" 2>/dev/null || ulimit -p "$limit" 2>/dev/null
exec "$@"
`;
