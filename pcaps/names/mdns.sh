#!/bin/bash
# A laptop and a model server announce themselves by mDNS (avahi), the server with a service; the
# laptop asks for the server by its .local name and uses it, and an AI app.
. "$(dirname "$0")/../lib/lab.sh"

announce() { # CLIENT HOST_NAME
  local etc="/etc/netns/$1$lab_id/avahi"
  mkdir -p "$etc/services"
  cat >"$etc/avahi-daemon.conf" <<CONF
[server]
host-name=$2
use-ipv4=yes
use-ipv6=no
allow-interfaces=eth0
enable-dbus=no
[publish]
publish-workstation=no
CONF
  [[ $1 != gpu ]] || cat >"$etc/services/models.service" <<'CONF'
<?xml version="1.0" standalone="no"?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name replace-wildcards="yes">Models on %h</name>
  <service><type>_http._tcp</type><port>11434</port><txt-record>path=/api/tags</txt-record></service>
</service-group>
CONF
  # The daemon's socket lies at a fixed place: each gets a /run of its own.
  lab_on "$1" sh -c 'mount -t tmpfs tmpfs /run && exec avahi-daemon --no-drop-root --no-chroot' \
    >"$lab_dir/avahi.$1.log" 2>&1 &
}

lab_begin
lab_client laptop 10.20.0.10
lab_client gpu 10.20.0.60
lab_site claude.ai 192.0.2.11
lab_dns
lab_certificate
lab_nginx
lab_on gpu node "$lab_lib/ai_server.mjs" --port 11434 --tokens 12 >"$lab_dir/gpu.log" 2>&1 &
lab_wait_for -Htln 11434 "gpu$lab_id"
printf '10.20.0.60 gpu-box.local\n' >>"/etc/netns/laptop$lab_id/hosts"
lab_capture
announce laptop anna-laptop
announce gpu gpu-box
sleep 2.5
lab_on laptop kdig @224.0.0.251 -p 5353 +retry=0 +timeout=1 gpu-box.local A >/dev/null 2>&1 || true
lab_on laptop kdig @224.0.0.251 -p 5353 +retry=0 +timeout=1 _http._tcp.local PTR >/dev/null 2>&1 || true
lab_curl laptop -d '{"model":"llama3.2:1b","messages":[{"role":"user","content":"Hello."}]}' \
  http://gpu-box.local:11434/api/chat
lab_curl laptop https://claude.ai/
lab_finish gpu-box.local claude.ai
