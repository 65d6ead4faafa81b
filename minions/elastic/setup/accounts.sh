#!/bin/bash
# Passwords and rights of Kibana and Logstash, how long logs stay, and where snapshots go. Saying all of it again changes nothing.
set -euo pipefail

# METHOD PATH, the JSON on stdin; the administrator's account stays out of every argument list.
say() {
  curl -fsS -K <(printf 'user = "elastic:%s"' "$ELASTIC_PASSWORD") -o /dev/null -X "$1" "http://elasticsearch:9200$2" \
    -H 'Content-Type: application/json' -d @-
}

printf '{"password":"%s"}' "$KIBANA_PASSWORD" | say POST /_security/user/kibana_system/_password
say PUT /_security/role/summoner_logs <<'END'
{"cluster":["monitor","manage_index_templates"],
 "indices":[{"names":["logs-*"],"privileges":["auto_configure","create_index","create_doc","view_index_metadata"]}]}
END
printf '{"password":"%s","roles":["summoner_logs"]}' "$LOGSTASH_PASSWORD" | say PUT /_security/user/summoner_logstash
say PUT /_index_template/summoner-logs <<END
{"index_patterns":["logs-summoner-*"],"data_stream":{},"priority":500,
 "template":{"lifecycle":{"data_retention":"${KEEP_DAYS}d"},"settings":{"number_of_replicas":0}}}
END
say PUT /_snapshot/summoner <<'END'
{"type":"fs","settings":{"location":"/usr/share/elasticsearch/snapshots"}}
END
