#!/bin/bash
# A model on a server of one's own, Ollama's API in clear on its port 11434: listed and asked by the
# ollama package and by curl, streamed as one JSON object per line.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site gpu1.corp.example 10.20.0.1
lab_dns
lab_ai_server 11434
lab_capture
lab_curl laptop http://gpu1.corp.example:11434/api/tags
lab_node laptop "${lab_script%.sh}.cjs" http://gpu1.corp.example:11434
lab_curl laptop -d '{"model":"llama3.2:1b","stream":false,"prompt":"Please describe a quiet room."}' \
  http://gpu1.corp.example:11434/api/generate
lab_finish gpu1.corp.example
