#!/bin/bash
# Uploads of which neither the connections' beginning nor their end was captured, and whose secrets
# come last: what is read of them is read when nothing more can come.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site api.openai.com 192.0.2.20
lab_dns
lab_certificate
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$lab_dir/rsa.key" -out "$lab_dir/rsa.pem" \
  -subj /CN=api.openai.com -days 30 2>/dev/null
lab_capture -o late-secrets.pcapng
for version in -tls1_3 -tls1_2; do
  lab_in_net openssl s_server -accept 192.0.2.20:443 -cert "$lab_dir/rsa.pem" \
    -key "$lab_dir/rsa.key" "$version" -quiet -naccept 1 < <(sleep 9) >"$lab_dir/got" 2>&1 &
  server=$!
  lab_wait_tcp 443
  { printf 'POST /v1/files HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: text/plain\r\n'
    printf 'Content-Length: 14\r\n\r\nkept till last'; sleep 0.3; } |
    lab_on laptop openssl s_client -connect api.openai.com:443 -servername api.openai.com \
      "$version" -keylogfile "$lab_dir/keys" -quiet -no_ign_eof >/dev/null 2>&1 || true
  wait "$server" || true
  grep -q "kept till last" "$lab_dir/got" || lab_fail "$version: not understood"
done
lab_stop_capture
tshark -r "$lab_dir/capture" -Y '!(tcp.flags.syn == 1 || tcp.flags.fin == 1)' \
  -w "$lab_dir/middle" 2>/dev/null
editcap -F pcapng --inject-secrets "tls,$lab_dir/keys" "$lab_dir/middle" "$lab_dir/capture.pcapng"
python3 - "$lab_dir/capture.pcapng" <<'PYTHON'
import struct, sys
SECRETS = 10
with open(sys.argv[1], "rb") as file:
    capture = file.read()
kept, late, at = b"", b"", 0
while at < len(capture):
    kind, size = struct.unpack_from("<II", capture, at)
    if kind == SECRETS:
        late += capture[at:at + size]
    else:
        kept += capture[at:at + size]
    at += size
with open(sys.argv[1], "wb") as file:
    file.write(kept + late)
PYTHON
lab_keep "$lab_dir/capture.pcapng" api.openai.com
