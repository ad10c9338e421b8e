#!/bin/bash
# AI that no list knows: a web chat in Chromium and an API asked by curl, each answering at the pace
# of a model in one small TLS record per token.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site chat.lumenwrite.example 203.0.113.30
lab_site api.lumenwrite.example 203.0.113.31
lab_dns
lab_certificate
lab_caddy 'h1 h2' --tokens 120 --cadence 25
lab_capture
lab_chromium laptop https://chat.lumenwrite.example/ DONE
lab_curl laptop --http1.1 -H 'content-type: application/json' -H 'authorization: Bearer lab' \
  -d '{"model":"lumen-2","stream":true,"messages":[{"role":"user","content":"Hello."}]}' \
  https://api.lumenwrite.example/v1/chat/completions
lab_finish chat.lumenwrite.example api.lumenwrite.example
