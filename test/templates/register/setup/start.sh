# The table is made where it is missing; then it only waits, and is asked from outside.
until sh /summoner/ask.sh 'CREATE TABLE IF NOT EXISTS entries (id INT PRIMARY KEY, words TEXT)' >/dev/null 2>&1; do sleep 0.2; done
trap 'exit 0' TERM
while :; do sleep 0.2; done
