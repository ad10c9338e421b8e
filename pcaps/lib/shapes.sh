# shellcheck shell=bash
# shapes_capture PLAN SEED browser|quic|programs: one capture of all the plan's sessions, beside the
# script, as PLAN-SEED.pcap.zst. Sourced by the scripts in shapes/.
. "$(dirname "${BASH_SOURCE[0]}")/lab.sh"

shapes_capture() {
  local plan=$1 seed=$2 how=$3 hosts host count=0
  mapfile -t hosts < <(node "$lab_lib/shape_plan.mjs" hosts "$plan" "$seed")
  lab_begin
  lab_client laptop 10.20.0.10
  lab_site conduct.shapes.example 192.0.2.250
  for host in "${hosts[@]}"; do lab_site "$host" "192.0.2.$((++count))"; done
  lab_dns
  lab_certificate
  lab_caddy 'h1 h2 h3'
  # Ours in place of the usual server behind Caddy.
  kill "$(lab_in_net ss -Hltnp 'sport = :8080' | grep -o 'pid=[0-9]*' | head -1 | cut -d= -f2)"
  sleep 0.5
  lab_in_net node "$lab_lib/shape_server.mjs" >"$lab_dir/shape_server.log" 2>&1 &
  lab_wait_tcp 8080
  lab_capture -o "$plan-$seed.pcap" not host 192.0.2.250
  case $how in
    browser) shapes_browser "https://conduct.shapes.example/conduct?plan=$plan&seed=$seed" ;;
    quic) shapes_browser "https://conduct.shapes.example/conduct?plan=$plan&seed=$seed" "${hosts[@]}" ;;
    programs) shapes_programs "$plan" "$seed" ;;
  esac
  lab_stop_capture
  LAB_BYTES_MAX=200000000 lab_check "$lab_dir/capture" "${hosts[@]}"
  python3 "$lab_lib/snap_flows.py" "$lab_dir/capture" "$lab_dir/cut"
  rm -f "$lab_output.zst"
  zstd -q -19 "$lab_dir/cut" -o "$lab_output.zst"
  chmod 644 "$lab_output.zst"
  lab_report "$lab_output.zst"
}

shapes_browser() { # URL [HOST… to be asked over QUIC]
  local url=$1 pin force=
  shift
  pin=$(openssl x509 -in "$lab_dir/leaf.pem" -pubkey -noout | openssl pkey -pubin -outform der |
    openssl dgst -sha256 -binary | base64)
  (($# == 0)) || force=$(printf ',%s:443' "$@")
  lab_on laptop timeout 90 chromium --headless=new --no-sandbox --disable-gpu --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --disable-default-apps --disable-extensions --disable-domain-reliability \
    --disable-client-side-phishing-detection --disable-breakpad --no-pings --no-default-browser-check \
    --disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication,LocalNetworkAccessChecks,PrivateNetworkAccessRespectPreflightResults \
    --host-resolver-rules="MAP * ~NOTFOUND$(printf ', EXCLUDE %s' "${lab_hosts[@]}")" \
    --user-data-dir="$(mktemp -d -p "$lab_dir")" --ignore-certificate-errors-spki-list="$pin" \
    ${force:+--enable-quic "--origin-to-force-quic-on=${force#,}"} --timeout=80000 --dump-dom "$url" \
    >"$lab_dir/chromium.out" 2>"$lab_dir/chromium.err" || lab_fail "chromium failed"
  grep -q ALLDONE "$lab_dir/chromium.out" || lab_fail 'not all sessions ended'
}

# Half of the seeds over HTTP/1.1, half over HTTP/2.
shapes_programs() { # PLAN SEED
  lab_node laptop "$lab_lib/shape_client.mjs" "$1" "$2" "h$((2 - $2 % 2))"
}
