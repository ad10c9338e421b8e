#!/bin/bash
# DNS that only its form tells: a resolver that listens on 5335 as local resolvers do, and a client
# that sends something else first from the port that it then asks 53 from.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site claude.ai 192.0.2.21
lab_site gemini.google.com 192.0.2.30
lab_dns
# Each question by a socket of its own, so that answers find their way back.
lab_in_net node -e "
  const { createSocket } = require('dgram')
  const door = createSocket('udp4')
  door.on('message', (question, from) => {
    const out = createSocket('udp4')
    out.on('message', answer => door.send(answer, from.port, from.address, () => out.close()))
    out.send(question, 53, '$lab_dns_address')
  })
  door.bind(5335, '$lab_dns_address')" 2>"$lab_dir/door" &
lab_wait_udp 5335
lab_capture
lab_on laptop kdig "@$lab_dns_address" -p 5335 claude.ai A >>"$lab_dir/kdig.log" 2>&1
lab_on laptop node -e "
  const out = require('dgram').createSocket('udp4')
  out.bind(40053, () => out.send('not a question', 53, '$lab_dns_address', () => out.close()))"
lab_on laptop kdig "@$lab_dns_address" -b 10.20.0.10#40053 gemini.google.com A >>"$lab_dir/kdig.log" 2>&1
LAB_ASKED='claude.ai gemini.google.com'
lab_finish
