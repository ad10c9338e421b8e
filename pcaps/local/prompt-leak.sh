#!/bin/bash
# A model server of one's own, in clear, whose model gives its system prompt away: asked for it streamed
# and whole, by the openai and Anthropic packages; before and after, questions that it answers as it should.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site desk.corp.example 10.20.0.1
lab_dns
lab_ai_server 8000 --cadence 5
lab_capture
lab_node laptop "${lab_script%.sh}.cjs" http://desk.corp.example:8000
lab_finish desk.corp.example
