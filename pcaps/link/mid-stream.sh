#!/bin/bash
# The capture begins while two connections are under way: an HTTP/1.1 connection, whose next request
# names the host, and a TLS stream, which nothing names any more.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site inference.corp.example 10.20.0.1
lab_site api.anthropic.com 192.0.2.21
lab_dns
lab_certificate
lab_caddy 'h1 h2' --tokens 60 --cadence 80
lab_ai_server 8000 --tokens 8
stream='{"model":"lab","stream":true,"max_tokens":64,"messages":[{"role":"user","content":"Hello."}]}'
at=http://inference.corp.example:8000/v1
lab_curl laptop -d "$stream" -H 'content-type: application/json' https://api.anthropic.com/v1/messages &
streaming=$!
# Requests on one connection, half a second apart.
lab_curl laptop --rate 120/m "$at/models?[1-6]" &
listing=$!
sleep 1.2
lab_capture
wait $streaming $listing
lab_finish inference.corp.example
