#!/bin/bash
# A model server of one's own in clear on port 8000, in OpenAI's shapes: chat streamed and whole, the
# list of models, by the openai package and by curl to the bare address (no name but the address).
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site inference.corp.example 10.20.0.1
lab_dns
lab_ai_server 8000
lab_capture
lab_node laptop "${lab_script%.sh}.cjs" http://inference.corp.example:8000/v1
lab_curl laptop http://10.20.0.1:8000/v1/models
lab_curl laptop -H 'content-type: application/json' \
  -d '{"model":"lab","stream":true,"messages":[{"role":"user","content":"Hello."}]}' \
  http://10.20.0.1:8000/v1/chat/completions
lab_finish inference.corp.example 10.20.0.1
