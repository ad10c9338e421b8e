#!/bin/bash
# The ways HTTP/1.1 carries requests: multipart, chunked, Expect: 100-continue, pipelined, and one
# connection with several hosts.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site gateway.corp.example 10.20.0.1
lab_site models.corp.example 10.20.0.1
lab_site wiki.corp.example 10.20.0.1
lab_dns
lab_ai_server 8000
seq -s ' ' 1 2000 >"$lab_dir/notes.txt"
lab_capture
at=http://gateway.corp.example:8000
lab_curl laptop -F purpose=assistants -F "file=@$lab_dir/notes.txt;type=text/plain" $at/v1/files
lab_curl laptop -H 'transfer-encoding: chunked' -H 'content-type: application/json' \
  -d '{"model":"lab","messages":[{"role":"user","content":"Chunked."}]}' $at/v1/chat/completions
lab_curl laptop -H 'expect: 100-continue' -H 'content-type: application/octet-stream' \
  --data-binary "@$lab_dir/notes.txt" $at/v1/files
lab_node laptop "${lab_script%.sh}.cjs" 10.20.0.1 8000
lab_finish gateway.corp.example models.corp.example wiki.corp.example
