#!/bin/bash
# DNS over HTTP (RFC 8484) that can be read: kdig by HTTP/2 over TLS, with GET and with POST, the
# secrets being in the capture; curl in clear by HTTP/1.1 and HTTP/2, the answer whole, in chunks and
# as something that is no DNS. And the same resolver over TCP on port 5353, where the length of one
# question comes by itself.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site dns.corp.example 198.51.100.53
lab_site claude.ai 192.0.2.21
lab_site gemini.google.com 192.0.2.30
lab_site chatgpt.com 192.0.2.10
lab_site www.perplexity.ai 192.0.2.40
lab_dns
lab_certificate
cat >"$lab_dir/doh.mjs" <<'NODE'
import { createSocket } from 'dgram'
import { readFileSync } from 'fs'
import { createServer as clear } from 'http'
import { createServer as clear2, createSecureServer } from 'http2'
import { createConnection, createServer as tcp } from 'net'
const [dns, dir, address] = process.argv.slice(2)
const ask = question => new Promise(done => {
  const out = createSocket('udp4')
  out.on('message', answer => { out.close(); done(answer) })
  out.send(question, 53, dns)
})
const serve = (request, response) => {
  const url = new URL(request.url, 'http://x')
  const parts = []
  request.on('data', part => parts.push(part))
  request.on('end', async () => {
    const given = url.searchParams.get('dns')
    const answer = await ask(given ? Buffer.from(given, 'base64url') : Buffer.concat(parts))
    const type = url.pathname === '/broken' ? 'text/plain' : 'application/dns-message'
    response.setHeader('content-type', type)
    if (url.pathname !== '/chunks') response.setHeader('content-length', answer.length)
    response.write(answer.subarray(0, 7))
    setTimeout(() => response.end(answer.subarray(7)), 50)
  })
}
createSecureServer({ key: readFileSync(`${dir}/key.pem`), cert: readFileSync(`${dir}/chain.pem`) },
  serve).listen(443, address)
clear(serve).listen(8053, address)
clear2(serve).listen(8054, address)
tcp(client => {
  const server = createConnection(53, dns)
  client.pipe(server).pipe(client)
  for (const each of [client, server]) each.on('error', () => {})
}).listen(5353, address)
NODE
lab_in_net node "$lab_dir/doh.mjs" "$lab_dns_address" "$lab_dir" 198.51.100.53 2>"$lab_dir/doh" &
for port in 443 8053 8054 5353; do lab_wait_tcp "$port"; done

lab_capture -o over-http.pcapng 'host 198.51.100.53'
export SSLKEYLOGFILE=$lab_dir/keys
lab_on laptop kdig @198.51.100.53 +https +tls-host=dns.corp.example +tls-ca="$lab_dir/ca.pem" \
  claude.ai A >>"$lab_dir/kdig.log" 2>&1
lab_on laptop kdig @198.51.100.53 +https-get +tls-host=dns.corp.example +tls-ca="$lab_dir/ca.pem" \
  claude.ai A >>"$lab_dir/kdig.log" 2>&1
question() { # NAME: a query for its address, as it is sent
  local label
  printf '\0\0\1\0\0\1\0\0\0\0\0\0'
  for label in ${1//./ }; do
    printf "\\$(printf %03o ${#label})%s" "$label"
  done
  printf '\0\0\1\0\1'
}
post() { # URL NAME OPTION…
  local url=$1 name=$2
  shift 2
  question "$name" >"$lab_dir/question"
  lab_on laptop curl -sS "$@" -H 'content-type: application/dns-message' \
    --data-binary "@$lab_dir/question" -o "$lab_dir/answer" "http://198.51.100.53$url"
}
post :8053/dns-query gemini.google.com
post :8053/chunks nothing.gemini.google.com
post :8053/broken gemini.google.com
post :8054/dns-query chatgpt.com --http2-prior-knowledge
lab_on laptop curl -sS -H 'accept: application/dns-message' -o "$lab_dir/answer" \
  "http://198.51.100.53:8053/dns-query?dns=$(question chatgpt.com | basenc --base64url | tr -d '=\n')"
lab_on laptop kdig @198.51.100.53 -p 5353 +tcp www.perplexity.ai A >>"$lab_dir/kdig.log" 2>&1
question claude.ai >"$lab_dir/question"
lab_on laptop node -e "
  const fs = require('fs'), question = fs.readFileSync('$lab_dir/question')
  const out = require('net').createConnection(5353, '198.51.100.53', () => {
    out.setNoDelay(true)
    out.write(Buffer.from([question.length >> 8, question.length & 255]))
    setTimeout(() => out.write(question), 100)
  })
  out.on('data', () => out.end())"
lab_stop_capture
editcap -F pcapng --inject-secrets "tls,$lab_dir/keys" "$lab_dir/capture" "$lab_dir/capture.pcapng"
LAB_ASKED='nothing.gemini.google.com'
lab_keep "$lab_dir/capture.pcapng" dns.corp.example 198.51.100.53
