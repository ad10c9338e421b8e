#!/bin/bash
# An A2A agent: its card, JSON-RPC of 0.3 and the REST binding of 1.0, asked by curl.
. "$(dirname "$0")/../lib/lab.sh"
. "$(dirname "$0")/lib/self_hosted.sh"

host=agent.corp.example
self_hosted_lab $host a2a-agent:9999
lab_finish $host
