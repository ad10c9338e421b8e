# shellcheck shell=bash
# What the scenarios beside this folder share; they source ../lib/lab.sh first.

self_hosted_lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# A client and the one host that DNS knows.
self_hosted_begin() { # HOST
  lab_begin
  lab_client laptop 10.20.0.10
  lab_site "$1" 10.20.0.1
  lab_dns
}

# A script that imports the vendors' packages: resolved from where it lies, so it is put beside them.
self_hosted_node() { # CLIENT|net SCRIPT ARGUMENT…
  local where=$1 script=$2
  shift 2
  [[ -e $lab_dir/node_modules ]] || ln -s "$lab_cache/node_modules" "$lab_dir/node_modules"
  cp "$self_hosted_lib"/*.mjs "$lab_dir/"
  if [[ $where == net ]]; then
    lab_in_net node "$lab_dir/$script" "$@"
  else
    lab_on "$where" node "$lab_dir/$script" "$@"
  fi
}

# One server for all products named, each on its port.
self_hosted_serve() { # PRODUCT:PORT…
  local each
  self_hosted_node net server.mjs "$@" >"$lab_dir/server.log" 2>&1 &
  for each in "$@"; do lab_wait_tcp "${each#*:}"; done
}

# curl asks what products.mjs says of a product.
self_hosted_ask() { # CLIENT PRODUCT URL
  local words=()
  while IFS=$'\t' read -ra words; do
    lab_curl "$1" "${words[@]:1}" "$3${words[0]}"
  done < <(node "$self_hosted_lib/server.mjs" --ask "$2")
}

# A vendor's package visits: KIND as in clients.mjs.
self_hosted_visit() { # CLIENT KIND URL [MODEL]
  self_hosted_node "$1" clients.mjs "${@:2}" >"$lab_dir/client.log" 2>&1 ||
    lab_fail "$2 failed: $(tail -5 "$lab_dir/client.log")"
}

# Host and products as PRODUCT:PORT; curl asks each. Servers are up and the capture runs after it.
self_hosted_lab() { # HOST PRODUCT:PORT…
  local host=$1
  shift
  self_hosted_begin "$host"
  self_hosted_serve "$@"
  lab_capture
  local each
  for each in "$@"; do self_hosted_ask laptop "${each%:*}" "http://$host:${each#*:}"; done
}

# A program of npm's, as lib/servers/package.json has it, in the net.
self_hosted_program() { # NAME SCRIPT ARGUMENT…
  lab_in_net node "$lab_cache/servers/node_modules/$2" "${@:3}" >"$lab_dir/$1.log" 2>&1 </dev/null &
}
