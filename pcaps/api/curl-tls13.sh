#!/bin/bash
# curl asks three model APIs over TLS 1.3 with HTTP/2, each answer streamed, and lists models over
# HTTP/1.1.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client build-server 10.20.0.20
lab_site api.openai.com 192.0.2.20
lab_site api.anthropic.com 192.0.2.21
lab_site generativelanguage.googleapis.com 192.0.2.22
lab_dns
lab_certificate
lab_caddy 'h1 h2'
lab_capture
json='content-type: application/json'
lab_curl build-server -H "$json" -H 'authorization: Bearer sk-lab' \
  -d '{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello."}]}' \
  https://api.openai.com/v1/chat/completions
lab_curl build-server -H "$json" -H 'x-api-key: lab' -H 'anthropic-version: 2023-06-01' \
  -d '{"model":"claude-3-5-haiku-latest","stream":true,"max_tokens":64,"messages":[{"role":"user","content":"Hello."}]}' \
  https://api.anthropic.com/v1/messages
lab_curl build-server -H "$json" -H 'x-goog-api-key: lab' \
  -d '{"contents":[{"parts":[{"text":"Hello."}]}]}' \
  'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.0-flash:streamGenerateContent?alt=sse'
lab_curl build-server --http1.1 -H 'authorization: Bearer sk-lab' https://api.openai.com/v1/models
lab_finish api.openai.com api.anthropic.com generativelanguage.googleapis.com
