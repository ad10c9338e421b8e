#!/bin/bash
# The hosts of two coding assistants, as their editors ask them: completions streamed, telemetry
# small and one way; one connection stays open and carries several requests.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site api.githubcopilot.com 192.0.2.30
lab_site copilot-proxy.githubusercontent.com 192.0.2.31
lab_site copilot-telemetry.githubusercontent.com 192.0.2.32
lab_site api2.cursor.sh 192.0.2.33
lab_site metrics.cursor.sh 192.0.2.34
lab_site marketplace.visualstudio.com 198.51.100.20
lab_dns
lab_certificate
lab_caddy 'h1 h2' --tokens 24
lab_capture
json='content-type: application/json'
chat='{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Complete: int main("}]}'
lab_curl laptop https://marketplace.visualstudio.com/_apis/public/gallery
lab_curl laptop -A GitHubCopilotChat/0.24.0 -H "$json" -d "$chat" \
  https://api.githubcopilot.com/chat/completions
lab_curl laptop -A GithubCopilot/1.254.0 -H "$json" -d "$chat" \
  https://copilot-proxy.githubusercontent.com/v1/engines/gpt-4o-copilot/chat/completions \
  -: -sS --cacert "$lab_dir/ca.pem" -o /dev/null -A GithubCopilot/1.254.0 -H "$json" -d "$chat" \
  https://copilot-proxy.githubusercontent.com/v1/engines/gpt-4o-copilot/chat/completions
lab_curl laptop -A GithubCopilot/1.254.0 -H "$json" -d '[{"name":"lab.event","data":{"n":1}}]' \
  https://copilot-telemetry.githubusercontent.com/telemetry
lab_curl laptop -A connect-es/1.6.1 -H "$json" -d "$chat" https://api2.cursor.sh/v1/chat/completions
lab_curl laptop -A connect-es/1.6.1 -H "$json" -d '{"events":[{"name":"lab"}]}' \
  https://metrics.cursor.sh/api/v1/events
lab_finish marketplace.visualstudio.com api.githubcopilot.com copilot-proxy.githubusercontent.com \
  copilot-telemetry.githubusercontent.com api2.cursor.sh metrics.cursor.sh
