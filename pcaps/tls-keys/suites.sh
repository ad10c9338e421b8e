#!/bin/bash
# One upload for each way that TLS protects records: s_client posts to s_server in TLS 1.0 to 1.3, by
# AEAD and by CBC, with and without encrypt-then-MAC. The secrets are in the capture.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site api.openai.com 192.0.2.20
lab_dns
lab_certificate
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$lab_dir/rsa.key" -out "$lab_dir/rsa.pem" \
  -subj /CN=api.openai.com -days 30 2>/dev/null
lab_capture -o suites.pcapng
upload() { # SUITE VERSION_OPTION OPTION…
  local suite=$1 version=$2 list server
  shift 2
  list=(-cipher "$suite:@SECLEVEL=0")
  [[ $version == -tls1_3 ]] && list=(-ciphersuites "$suite")
  lab_in_net openssl s_server -accept 192.0.2.20:443 -cert "$lab_dir/rsa.pem" \
    -key "$lab_dir/rsa.key" "$version" "${list[@]}" -quiet -naccept 1 "$@" \
    < <(sleep 9) >"$lab_dir/got" 2>&1 &
  server=$!
  lab_wait_tcp 443
  { printf 'POST /v1/files HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: text/plain\r\n'
    printf 'Content-Length: %d\r\n\r\nsuite=%s' $((${#suite} + 6)) "$suite"; sleep 0.3; } |
    lab_on laptop openssl s_client -connect api.openai.com:443 -servername api.openai.com \
      "$version" "${list[@]}" -keylogfile "$lab_dir/keys" -quiet -no_ign_eof "$@" >/dev/null 2>&1 || true
  wait "$server" || true
  grep -q "suite=$suite" "$lab_dir/got" || lab_fail "$suite: not understood"
}
for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 \
  TLS_AES_128_CCM_SHA256 TLS_AES_128_CCM_8_SHA256; do
  upload "$suite" -tls1_3
done
for suite in ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305 DHE-RSA-AES128-CCM \
  DHE-RSA-AES256-CCM8 ECDHE-RSA-CAMELLIA128-SHA256 AES128-GCM-SHA256; do
  upload "$suite" -tls1_2
done
upload ECDHE-RSA-AES128-SHA256 -tls1_2 -no_etm
upload ECDHE-RSA-AES256-SHA384 -tls1_2
upload AES128-SHA -tls1_1
upload ECDHE-RSA-AES256-SHA -tls1 -no_etm
lab_stop_capture
editcap -F pcapng --inject-secrets "tls,$lab_dir/keys" "$lab_dir/capture" "$lab_dir/capture.pcapng"
lab_keep "$lab_dir/capture.pcapng" api.openai.com
