#!/bin/bash
# An agent and its client, both by A2A's own package (protocol 1.0), which speaks JSON-RPC first; curl
# asks the REST binding.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=agent2.corp.example
self_hosted_begin $host
self_hosted_node net a2a_agent.mjs $host 9998 >"$lab_dir/server.log" 2>&1 &
lab_wait_tcp 9998
lab_capture
self_hosted_visit laptop a2a http://$host:9998
lab_curl laptop -H 'content-type: application/json' -H 'A2A-Version: 1.0' \
  -d '{"message":{"messageId":"2","role":"ROLE_USER","parts":[{"text":"Which rooms are quiet?"}]}}' \
  http://$host:9998/rest/message:send
lab_finish $host
