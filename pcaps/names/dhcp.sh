#!/bin/bash
# Two clients get their addresses by DHCP (udhcpc from dnsmasq) and tell their names, one as host name
# (option 12), one as FQDN (option 81); then each asks an AI app. One renews and releases.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client one
lab_client two
lab_site api.openai.com 192.0.2.20
lab_site api.anthropic.com 192.0.2.21
lab_dns
lab_certificate
lab_nginx
lab_in_net dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --group=root --port=0 \
  --interface=br0 --bind-interfaces --pid-file= --dhcp-leasefile="$lab_dir/leases" --no-ping \
  --dhcp-range=10.20.0.100,10.20.0.150,1h --dhcp-option=option:router,$lab_gateway \
  --dhcp-option=option:dns-server,$lab_dns_address --dhcp-option=option:domain-name,corp.example \
  --log-facility=- 2>"$lab_dir/dnsmasq.log" &
lab_wait_udp 67
cat >"$lab_dir/lease" <<'LEASE'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr replace "$ip/24" dev "$interface"
ip route replace default via "$router"
LEASE
chmod +x "$lab_dir/lease"
lab_capture
lab_on one udhcpc -f -i eth0 -s "$lab_dir/lease" -p "$lab_dir/one.pid" -x hostname:anna-laptop \
  -V 'MSFT 5.0' -R 2>"$lab_dir/one.log" &
lab_on two udhcpc -q -f -n -i eth0 -s "$lab_dir/lease" -F build-7.corp.example 2>"$lab_dir/two.log"
lab_curl two https://api.anthropic.com/
lab_curl one https://api.openai.com/
kill -USR1 "$(cat "$lab_dir/one.pid")"
sleep 1
kill -TERM "$(cat "$lab_dir/one.pid")"
sleep 0.5
lab_finish api.openai.com api.anthropic.com
