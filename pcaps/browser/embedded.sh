#!/bin/bash
# Chromium opens services that are for something else and have AI inside, a page with the widget of a
# chat bot, and an AI writing tool of the same kind of office software.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site www.notion.so 192.0.2.50
lab_site www.canva.com 192.0.2.51
lab_site app.slack.com 192.0.2.52
lab_site zoom.us 192.0.2.53
lab_site widget.intercom.io 192.0.2.54
lab_site app.grammarly.com 192.0.2.55
lab_site www.shop.example 198.51.100.20
lab_dns
lab_certificate
lab_caddy 'h1 h2'
lab_capture
hosts=(www.notion.so www.canva.com app.slack.com zoom.us widget.intercom.io app.grammarly.com www.shop.example)
for host in "${hosts[@]}"; do
  lab_chromium laptop "https://$host/" 'the lamp'
done
lab_finish "${hosts[@]}"
