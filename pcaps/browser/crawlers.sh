#!/bin/bash
# A site of this network, in clear, as robots that collect pages for AI call on it, robots of search
# engines, and readers. curl under the robots' own names (those their makers publish): the robots
# themselves cannot be had.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client robots 10.20.0.60
lab_client reader 10.20.0.61
lab_site www.museum.example 198.51.100.30
lab_dns
lab_ai_server 80
lab_capture
mozilla='Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible'
for name in "$mozilla; GPTBot/1.2; +https://openai.com/gptbot)" \
  "$mozilla; ClaudeBot/1.0; +claudebot@anthropic.com)" \
  "$mozilla; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)" \
  'CCBot/2.0 (https://commoncrawl.org/faq/)' \
  'meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)'; do
  lab_curl robots -A "$name" http://www.museum.example/robots.txt
  lab_curl robots -A "$name" http://www.museum.example/today.html
done
# Search engines' and an archive's are robots, too, and not for AI.
for name in 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' \
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)' \
  'Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)'; do
  lab_curl robots -A "$name" http://www.museum.example/today.html
done
lab_curl reader http://www.museum.example/today.html
lab_finish www.museum.example
