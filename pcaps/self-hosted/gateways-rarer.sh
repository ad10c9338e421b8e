#!/bin/bash
# Gateways before accounts, asked by curl and by the openai package, and a web server on which the
# configuration of agents lies open.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=gateway2.corp.example
self_hosted_lab $host sub2api:8083 cliproxyapi:8317 9router:20128 omniroute:20129 copilot-api:4141 agent-config:8084
for port in 8317 20128 20129 4141; do
  API_KEY=sk-made-up-for-the-lab self_hosted_visit laptop openai http://$host:$port
done
API_KEY=sk-made-up-for-the-lab self_hosted_visit laptop anthropic http://$host:8083 claude-sonnet-4-5
lab_finish $host
