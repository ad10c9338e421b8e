# shellcheck shell=bash
# The programs that run in the lab: part of lab.sh, which sources this.

# --- servers -------------------------------------------------------------------------------------

lab_wait_tcp() { lab_wait_for -Htln "$1"; } # PORT
lab_wait_udp() { lab_wait_for -Huln "$1"; } # PORT
lab_wait_for() {                            # SS_OPTIONS PORT [NAMESPACE]
  local tries
  for ((tries = 0; tries < 100; ++tries)); do
    [[ -z $(ip netns exec "${3:-$lab_net}" ss "$1" "sport = :$2") ]] || return 0
    sleep 0.1
  done
  lab_fail "nothing listens on port $2"
}

lab_wait_file() { # PATH
  local tries
  for ((tries = 0; tries < 100; ++tries)); do
    [[ ! -e $1 ]] || return 0
    sleep 0.1
  done
  lab_fail "$1 does not appear"
}

# ai_server.mjs, options as there. Cleartext unless --tls.
lab_ai_server() { # PORT OPTION…
  local port=$1
  shift
  lab_in_net node "$lab_lib/ai_server.mjs" --port "$port" "$@" >"$lab_dir/ai_server.$port.log" 2>&1 &
  lab_wait_tcp "$port"
}

# Caddy before ai_server.mjs, for every site. PROTOCOLS as Caddy's own words: "h1 h2", "h1 h2 h3".
lab_caddy() { # PROTOCOLS [AI_SERVER_OPTION…]
  local protocols=$1
  shift
  lab_ai_server 8080 --listen 127.0.0.1 "$@"
  cat >"$lab_dir/Caddyfile" <<CONF
{
  admin off
  auto_https off
  skip_install_trust
  storage file_system $lab_dir/caddy
  servers {
    protocols $protocols
  }
}
https:// {
  # Named one by one: on the wildcard address this Caddy answers QUIC from the wrong one.
  bind $(printf '%s\n' "${lab_addresses[@]}" | sort -u | tr '\n' ' ')
  tls $lab_dir/chain.pem $lab_dir/key.pem
  reverse_proxy 127.0.0.1:8080 {
    flush_interval -1
  }
}
CONF
  lab_in_net caddy run --adapter caddyfile --config "$lab_dir/Caddyfile" \
    >"$lab_dir/caddy.log" 2>&1 &
  lab_wait_tcp 443
}

# nginx with an ordinary page on every site. PROTOCOLS as nginx's ssl_protocols.
lab_nginx() { # [PROTOCOLS]
  local protocols=${1:-TLSv1.2 TLSv1.3}
  mkdir -p "$lab_dir/www" "$lab_dir/nginx"
  printf '<!doctype html><title>Page</title><h1>Page</h1><p>%s</p>\n' \
    "$(seq -s ' ' 1 200)" >"$lab_dir/www/index.html"
  cat >"$lab_dir/nginx.conf" <<CONF
daemon off;
pid $lab_dir/nginx.pid;
worker_processes 1;
error_log $lab_dir/nginx.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path $lab_dir/nginx/body;
  proxy_temp_path $lab_dir/nginx/proxy;
  fastcgi_temp_path $lab_dir/nginx/fastcgi;
  uwsgi_temp_path $lab_dir/nginx/uwsgi;
  scgi_temp_path $lab_dir/nginx/scgi;
  server {
    listen 80;
    listen [::]:80;
    listen 443 ssl http2;
    listen [::]:443 ssl http2;
    ssl_certificate $lab_dir/chain.pem;
    ssl_certificate_key $lab_dir/key.pem;
    ssl_protocols $protocols;
    root $lab_dir/www;
    error_page 405 =200 \$uri;
  }
}
CONF
  chmod -R a+rX "$lab_dir"
  lab_in_net nginx -c "$lab_dir/nginx.conf" >"$lab_dir/nginx.out" 2>&1 &
  lab_wait_tcp 443
}

# --- clients -------------------------------------------------------------------------------------

# A first visit, with a fresh profile, of a page that must end up holding TEXT, or that must fail when
# TEXT is empty. "quic" makes it use HTTP/3 at once, in the version named.
lab_chromium() { # CLIENT URL TEXT [quic [VERSION]]
  local client=$1 url=$2 text=$3 host pin options=()
  host=${url#https://}
  host=${host%%/*}
  pin=$(openssl x509 -in "$lab_dir/leaf.pem" -pubkey -noout | openssl pkey -pubin -outform der |
    openssl dgst -sha256 -binary | base64)
  [[ ${4:-} == quic ]] && options=(--enable-quic "--origin-to-force-quic-on=$host:443")
  [[ -n ${5:-} ]] && options+=("--quic-version=$5")
  # It asks for accounts.google.com and others even with background networking off: those names are
  # not resolved, which leaves no trace in DNS.
  lab_on "$client" timeout 60 chromium --headless=new --no-sandbox --disable-gpu --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --disable-default-apps --disable-extensions --disable-domain-reliability \
    --disable-client-side-phishing-detection --disable-breakpad --no-pings --no-default-browser-check \
    --disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication \
    --host-resolver-rules="MAP * ~NOTFOUND$(printf ', EXCLUDE %s' "${lab_hosts[@]}")" \
    --user-data-dir="$(mktemp -d -p "$lab_dir")" --ignore-certificate-errors-spki-list="$pin" \
    "${options[@]}" --dump-dom "$url" \
    >"$lab_dir/chromium.out" 2>"$lab_dir/chromium.err" || [[ -z $text ]] ||
    lab_fail "chromium failed on $url"
  if [[ -z $text ]]; then
    grep -q 'Page load failed' "$lab_dir/chromium.err" || lab_fail "$url was to fail"
  else
    grep -q "$text" "$lab_dir/chromium.out" || lab_fail "$url did not answer"
  fi
}

lab_curl() { # CLIENT ARGUMENT…
  local client=$1
  shift
  lab_on "$client" curl -sS --max-time 30 --cacert "$lab_dir/ca.pem" -o /dev/null "$@"
}

# A Node.js script that may use the vendors' own packages; see make.sh for where packages live.
lab_node() { # CLIENT SCRIPT ARGUMENT…
  local client=$1
  shift
  local settings=(NODE_PATH="$lab_cache/node_modules")
  [[ ! -e $lab_dir/ca.pem ]] || settings+=(NODE_EXTRA_CA_CERTS="$lab_dir/ca.pem")
  lab_on "$client" env "${settings[@]}" node "$@"
}
