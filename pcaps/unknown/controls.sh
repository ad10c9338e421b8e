#!/bin/bash
# What resembles an answer of a model and is none: a video in segments, a chat of people over
# WebSocket, a live ticker over server-sent events at its own slow and even pace.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site media.tube.example 198.51.100.30
lab_site talk.club.example 198.51.100.31
lab_site ticker.exchange.example 198.51.100.32
lab_dns
lab_certificate
lab_caddy 'h1 h2'
lab_capture
segment='https://media.tube.example/download?bytes=24000'
lab_curl laptop "$segment" -: -sS --cacert "$lab_dir/ca.pem" -o /dev/null "$segment" \
  -: -sS --cacert "$lab_dir/ca.pem" -o /dev/null "$segment"
lab_chromium laptop https://talk.club.example/ 'said 12'
lab_curl laptop https://ticker.exchange.example/ticker
lab_finish media.tube.example talk.club.example ticker.exchange.example
