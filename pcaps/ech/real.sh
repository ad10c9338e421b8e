#!/bin/bash
# Real Encrypted Client Hello, by NSS's tstclnt and by Chromium with the key from DNS's HTTPS record.
# The outer name is public.cdn.example; the true one is in no packet but DNS. A third connection, of
# tstclnt with GREASE in place of ECH, shows its true name.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin ipv6 # selfserv binds to IPv6 only, which takes IPv4 too
lab_client laptop 10.20.0.10
lab_site public.cdn.example 192.0.2.50
lab_site private.lumenwrite.example 192.0.2.50
lab_site open.lumenwrite.example 192.0.2.50
lab_certificate

nss=$lab_dir/nss
mkdir "$nss"
certutil -N -d "$nss" --empty-password
openssl pkcs12 -export -in "$lab_dir/leaf.pem" -inkey "$lab_dir/key.pem" -certfile "$lab_dir/ca.pem" \
  -name leaf -passout pass: -out "$lab_dir/leaf.p12"
pk12util -i "$lab_dir/leaf.p12" -d "$nss" -W '' >/dev/null
certutil -A -d "$nss" -n root -t C,, -i "$lab_dir/ca.pem"
{ read -r server_key && read -r configs; } < <(node "$lab_lib/ech_keys.mjs" public.cdn.example)
lab_in_net selfserv -v -e leaf -p 443 -d "$nss" -V tls1.3:tls1.3 -X "$server_key" \
  >"$lab_dir/selfserv.log" 2>&1 &
lab_wait_tcp 443
lab_record "private.lumenwrite.example. 60 HTTPS 1 . alpn=http/1.1 ech=$configs"
lab_dns

ask() { # HOST OPTION…
  local host=$1
  shift
  # tstclnt does not end when the server does.
  { printf 'GET / HTTP/1.0\r\nHost: %s\r\n\r\n' "$host"; sleep 1; } |
    lab_on laptop timeout 1 tstclnt -h "$host" -p 443 -a "$host" -d "$nss" -V tls1.3:tls1.3 "$@" \
      >"$lab_dir/tstclnt.log" 2>&1 || true
  grep -q "Host: $host" "$lab_dir/tstclnt.log" || lab_fail "tstclnt: $(tail -3 "$lab_dir/tstclnt.log")"
}
lab_capture
ask private.lumenwrite.example -N "$configs"
lab_chromium laptop https://private.lumenwrite.example/ EOF
ask open.lumenwrite.example -i 100
lab_finish public.cdn.example open.lumenwrite.example
