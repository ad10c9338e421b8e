#include "api_test_support.h"

namespace gnomon::identify {
namespace {

struct Family {
  Talk talk;
  // Family, operation, model asked for > returned, tokens in/out, tools offered : called.
  const char* told;
};

std::string told(const ApiFacts& facts) {
  if (facts.family.empty()) return "";
  std::string all = std::string{facts.family} + " " + std::string{facts.operation};
  all.append(" ").append(facts.model_requested).append(">").append(facts.model_returned);
  all += " " + std::to_string(facts.tokens_in) + "/" + std::to_string(facts.tokens_out);
  for (const std::string_view each : facts.tools_offered) all.append(" +").append(each);
  for (const std::string_view each : facts.tools_called) all.append(" :").append(each);
  return all;
}

// clang-format off
std::vector<Family> families() {
  return {
      // OpenAI's responses, over one WebSocket for all turns.
      {{.method = "GET", .target = "/v1/responses",
        .request = R"({"type":"response.create","model":"gpt-5","input":[{"role":"user"}],"tools":[{"type":"function","name":"shell"}]})",
        .response = R"({"type":"response.created","response":{"id":"r","model":"gpt-5-1"}})" "\n"
                    R"({"type":"response.completed","response":{"id":"r","usage":{"input_tokens":9,"output_tokens":2}}})",
        .status = 101, .websocket = true},
       "openai-responses chat gpt-5>gpt-5-1 9/2 +shell"},
      {{.method = "GET", .target = "/backend-api/codex/responses",
        .request = R"({"type":"response.create","model":"gpt-5","input":[]})", .status = 101, .websocket = true},
       "openai-responses chat gpt-5> 0/0"},
      {{.target = "/v1/responses/compact", .request = R"({"model":"gpt-5","input":[]})",
        .response = R"({"object":"response.compaction","output":[],"usage":{"input_tokens":9,"output_tokens":2}})"},
       "openai-responses chat gpt-5> 9/2"},
      {{.target = "/v1/responses",
        .request = R"({"model":"gpt-5","input":"q","tools":[{"type":"mcp","server_label":"tracker"}]})"},
       "openai-responses chat gpt-5> 0/0 +tracker"},
      {{.target = "/v1/responses/input_tokens", .request = R"({"model":"gpt-5","input":"q"})",
        .response = R"({"object":"response.input_tokens","input_tokens":11})"},
       "openai-count-tokens count-tokens gpt-5> 11/0"},
      {{.target = "/v1/conversations", .request = R"({"items":[{"role":"user","content":"q"}]})",
        .response = R"({"id":"conv","object":"conversation"})"},
       "openai-conversations assistant > 0/0"},
      {{.target = "/v1/videos", .request = R"({"model":"sora-2","prompt":"a cat"})",
        .response = R"({"object":"video","model":"sora-2","seconds":"8"})"},
       "openai-videos video sora-2>sora-2 0/0"},
      {{.target = "/v1/chat/completions",
        .request = R"({"model":"m","messages":[{"role":"user"}],"tools":[{"type":"custom","custom":{"name":"run"}}]})",
        .response = R"({"object":"chat.completion","choices":[{"message":{"tool_calls":[{"custom":{"name":"run"}}]}}]})"},
       "openai-chat chat m> 0/0 +run :run"},
      {{.target = "/v1/embeddings", .request = R"({"model":"voyage-3.5","input":["q"]})",
        .response = R"({"model":"voyage-3.5","data":[{"embedding":[0.1]}],"usage":{"total_tokens":10}})"},
       "openai-embeddings embeddings voyage-3.5>voyage-3.5 10/0"},
      {{.method = "GET", .target = "/v1/realtime", .request = R"({"type":"session.update","session":{"voice":"a"}})",
        .status = 101, .websocket = true},
       "openai-realtime realtime > 0/0"},

      {{.target = "/v1/messages",
        .request = R"({"model":"c","max_tokens":9,"messages":[{"role":"user"}],"mcp_servers":[{"type":"url","name":"tracker"}]})",
        .request_fields = {{"anthropic-version", "2023-06-01"}}},
       "anthropic-messages chat c> 0/0 +tracker"},

      {{.target = "/v1beta/interactions",
        .request = R"({"model":"gemini-3","input":"q","tools":[{"type":"function","name":"f"}]})",
        .response = R"({"status":"done","model":"gemini-3","steps":[{"type":"function_call","name":"f"}],"usage":{"total_input_tokens":7,"total_output_tokens":20}})"},
       "gemini-interactions chat gemini-3>gemini-3 7/20 +f :f"},
      {{.target = "/v1beta/models/veo-3:predictLongRunning", .request = R"({"instances":[{"prompt":"a cat"}]})"},
       "gemini-media video veo-3> 0/0"},
      {{.target = "/v1beta/models/imagen-4:predict", .request = R"({"instances":[{"prompt":"a cat"}]})"},
       "gemini-media image imagen-4> 0/0"},

      {{.target = "/ml/v1/text/chat?version=2024-10-08",
        .request = R"({"model_id":"ibm/granite","messages":[{"role":"user"}]})",
        .response = R"({"model_id":"ibm/granite","choices":[],"usage":{"prompt_tokens":59,"completion_tokens":47}})"},
       "watsonx chat ibm/granite>ibm/granite 59/47"},
      {{.target = "/ml/v1/text/generation?version=2024-10-08",
        .request = R"({"model_id":"ibm/granite","input":"q"})",
        .response = R"({"model_id":"ibm/granite","results":[{"generated_text":"a","generated_token_count":4,"input_token_count":12}]})"},
       "watsonx completion ibm/granite>ibm/granite 12/4"},
      {{.target = "/ml/v1/deployments/d/text/chat?version=2024-10-08", .request = R"({"messages":[{"role":"user"}]})"},
       "watsonx chat > 0/0"},
      {{.target = "/serving-endpoints/claude/invocations", .request = R"({"messages":[{"role":"user"}]})",
        .response = R"({"model":"claude-4","object":"chat.completion","choices":[],"usage":{"prompt_tokens":2,"completion_tokens":3}})"},
       "databricks-serving chat claude>claude-4 2/3"},
      {{.target = "/api/v2/cortex/inference:complete", .request = R"({"model":"m","messages":[{"role":"user"}]})",
        .response = R"(data: {"model":"m","choices":[{}],"usage":{"prompt_tokens":2,"completion_tokens":3}})" "\n\n"},
       "snowflake-cortex chat m>m 2/3"},
      {{.target = "/20231130/actions/chat",
        .request = R"({"compartmentId":"o","servingMode":{"modelId":"c","servingType":"ON_DEMAND"},"chatRequest":{}})",
        .response = R"({"modelId":"c","chatResponse":{}})"},
       "oci-genai chat c>c 0/0"},
      {{.target = "/client/v4/accounts/a/ai/run/@cf/meta/llama", .request = R"({"prompt":"q"})",
        .response = R"({"result":{"response":"a","usage":{"prompt_tokens":2,"completion_tokens":3}}})"},
       "workers-ai predict @cf/meta/llama> 2/3"},
      {{.target = "/v1/conversations", .request = R"({"model":"mistral-medium","inputs":[{"role":"user"}]})",
        .response = R"({"object":"conversation.response","outputs":[{"model":"mistral-medium-1"}]})"},
       "mistral chat mistral-medium>mistral-medium-1 0/0"},

      {{.target = "/agent", .request = R"({"threadId":"t","runId":"r","messages":[{"id":"1","role":"user"}],"tools":[{"name":"f"}],"forwardedProps":{}})",
        .response = "data: {\"type\":\"RUN_STARTED\",\"threadId\":\"t\"}\n\n"},
       "ag-ui chat > 0/0 +f"},
      {{.target = "/run_sse", .request = R"({"app_name":"a","new_message":{"role":"user","parts":[{"text":"q"}]}})",
        .response = "data: {\"invocationId\":\"e\",\"author\":\"a\",\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\"}}]}}\n\n"},
       "adk-run chat > 0/0 :f"},
      {{.target = "/a2a", .request = R"({"jsonrpc":"2.0","id":2,"method":"agent/getAuthenticatedExtendedCard"})"},
       "a2a agent/getAuthenticatedExtendedCard > 0/0"},
      {{.target = "/a2a", .request = R"({"jsonrpc":"2.0","id":2,"method":"GetExtendedAgentCard"})"},
       "a2a GetExtendedAgentCard > 0/0"},
      {{.target = "/a2a", .request = R"({"jsonrpc":"2.0","id":2,"method":"tasks/pushNotificationConfig/set"})"},
       "a2a tasks/pushNotificationConfig/set > 0/0"},

      {{.target = "/v1/text-to-dialogue", .request = R"({"inputs":[{"text":"q"}],"model_id":"eleven_v3"})",
        .request_fields = {{"xi-api-key", "k"}}},
       "elevenlabs speech eleven_v3> 0/0"},
      {{.method = "GET", .target = "/v1/text-to-speech/v/stream-input?model_id=flash", .status = 101, .websocket = true},
       "elevenlabs speech flash> 0/0"},
      {{.method = "GET", .target = "/v1/convai/conversation?agent_id=a", .status = 101, .websocket = true},
       "elevenlabs realtime > 0/0"},
      {{.method = "GET", .target = "/v2/listen?model=flux-general-en", .status = 101, .websocket = true},
       "deepgram transcription flux-general-en> 0/0"},
      {{.method = "GET", .target = "/v1/agent/converse",
        .request = R"({"type":"Settings","agent":{"think":{"provider":{"model":"gpt-4o"}}}})", .status = 101, .websocket = true},
       "deepgram realtime gpt-4o> 0/0"},
      {{.method = "GET", .target = "/v3/ws?speech_model=universal", .response = R"({"type":"Turn","transcript":"a"})",
        .status = 101, .websocket = true},
       "assemblyai transcription universal> 0/0"},

      // What a session is asked and answers adds up; what it transcribes is counted apart.
      {{.method = "GET", .target = "/v1/realtime?model=gpt-realtime",
        .response = R"({"type":"response.done","response":{"usage":{"input_tokens":120,"output_tokens":9}}})" "\n"
                    R"({"type":"response.done","response":{"usage":{"input_tokens":980,"output_tokens":91}}})" "\n"
                    R"({"type":"conversation.item.input_audio_transcription.completed","usage":{"input_tokens":5,"output_tokens":2}})" "\n"
                    R"({"type":"response.done","response":{"usage":{"input_tokens":7,"output_tokens":1}}})",
        .status = 101, .websocket = true},
       "openai-realtime realtime gpt-realtime> 1112/103"},
      {{.method = "GET", .target = "/v1/responses",
        .request = R"({"type":"response.create","model":"gpt-5","input":[]})",
        .response = R"({"type":"response.completed","response":{"id":"a","usage":{"input_tokens":9,"output_tokens":2}}})" "\n"
                    R"({"type":"response.completed","response":{"id":"b","usage":{"input_tokens":30,"output_tokens":4}}})",
        .status = 101, .websocket = true},
       "openai-responses chat gpt-5> 39/6"},
      // One that counts beyond reason is not believed.
      {{.method = "GET", .target = "/v1/realtime?model=m",
        .response = R"({"response":{"usage":{"input_tokens":18446744073709551615,"output_tokens":-5}}})" "\n"
                    R"({"response":{"usage":{"input_tokens":18446744073709551615,"output_tokens":"7"}}})" "\n"
                    R"({"response":{"usage":{"input_tokens":999999999,"output_tokens":3}}})",
        .status = 101, .websocket = true},
       "openai-realtime realtime m> 999999999/3"},

      {{.target = "/model/anthropic.claude/count-tokens", .request = R"({"input":{"converse":{"messages":[{"role":"user"}]}}})",
        .response = R"({"inputTokens":26})"},
       "bedrock-converse count-tokens anthropic.claude> 26/0"},
      {{.target = "/agents/AB/agentAliases/CD/sessions/s/text", .request = R"({"inputText":"q","enableTrace":true})",
        .response = R"({"trace":{"orchestrationTrace":{"modelInvocationOutput":{"metadata":{"usage":{"inputTokens":20,"outputTokens":3}}}}}})" "\n"
                    R"({"trace":{"orchestrationTrace":{"modelInvocationOutput":{"metadata":{"usage":{"inputTokens":30,"outputTokens":4}}}}}})"},
       "bedrock-agents agent > 50/7"},
      {{.target = "/agents/s1", .request = R"({"foundationModel":"claude","instruction":"be","inputText":"q"})"},
       "bedrock-agents agent claude> 0/0"},
      {{.target = "/flows/AB/aliases/CD", .request = R"({"inputs":[{"nodeName":"in","content":{"document":"q"}}]})"},
       "bedrock-agents flow > 0/0"},
      {{.target = "/retrieveAndGenerate",
        .request = R"({"input":{"text":"q"},"retrieveAndGenerateConfiguration":{"type":"KNOWLEDGE_BASE","knowledgeBaseConfiguration":{"modelArn":"arn:m"}}})"},
       "bedrock-agents chat arn:m> 0/0"},
      {{.target = "/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A1%3Aruntime%2Fa/invocations?qualifier=DEFAULT",
        .request = R"({"prompt":"q"})", .request_fields = {{"X-Amzn-Bedrock-AgentCore-Runtime-Session-Id", "s"}}},
       "bedrock-agentcore agent > 0/0"},
      {{.target = "/v1/projects/p/locations/us-central1/reasoningEngines/7:streamQuery?alt=sse",
        .request = R"({"class_method":"stream_query","input":{"user_id":"u","message":"q"}})",
        .response = R"({"content":{"parts":[{"function_call":{"name":"f"}}]},"usage_metadata":{"prompt_token_count":10,"candidates_token_count":2}})" "\n"
                    R"({"content":{"parts":[{"text":"a"}]},"usage_metadata":{"prompt_token_count":20,"candidates_token_count":3,"thoughts_token_count":1}})"},
       "vertex-agent-engine agent > 30/6 :f"},
      {{.target = "/v1/projects/p/locations/l/reasoningEngines/7:query", .request = R"({"class_method":"query","input":{}})"},
       "vertex-agent-engine agent > 0/0"},

      {{.target = "/score", .request = R"({"model":"bge","text_1":"a","text_2":["b"]})",
        .response = R"({"object":"list","model":"bge","data":[{"index":0,"object":"score","score":0.9}],"usage":{"prompt_tokens":12}})"},
       "vllm rerank bge>bge 12/0"},
      {{.target = "/pooling", .request = R"({"model":"m","input":"q"})",
        .response = R"({"object":"list","model":"m","data":[{"object":"pooling","data":[[0.1]]}],"usage":{"prompt_tokens":4}})"},
       "vllm embeddings m>m 4/0"},
      {{.target = "/classify", .request = R"({"model":"m","input":"q"})",
        .response = R"({"model":"m","data":[{"index":0,"label":"Safe","probs":[0.9],"num_classes":2}]})"},
       "vllm classification m>m 0/0"},
      {{.target = "/tokenize", .request = R"({"model":"m","prompt":"q"})", .response = R"({"count":5,"max_model_len":4096,"tokens":[1]})"},
       "vllm count-tokens m> 5/0"},
      {{.target = "/rerank", .request = R"({"model":"bge","query":"q","documents":["a"]})",
        .response = R"({"id":"rerank-1","model":"bge","usage":{"total_tokens":56},"results":[{"index":0,"relevance_score":0.9}]})"},
       "cohere-other rerank bge>bge 56/0"},

      // The AI SDK's gateway names the model beside the request.
      {{.target = "/v3/ai/language-model", .request = R"({"prompt":[{"role":"user"}],"tools":[{"type":"function","name":"f"}]})",
        .response = R"({"content":[],"usage":{"inputTokens":{"total":7},"outputTokens":{"total":3}}})",
        .request_fields = {{"ai-language-model-id", "openai/gpt-5"}, {"ai-gateway-protocol-version", "0.0.1"}}},
       "vercel-ai-gateway chat openai/gpt-5> 7/3 +f"},
      {{.target = "/api/chat", .request = R"({"id":"x","messages":[{"role":"user"}]})",
        .response_fields = {{"x-vercel-ai-ui-message-stream", "v1"}}},
       "vercel-ai-ui chat > 0/0"},
      {{.target = "/v2/embed", .request = R"({"model":"embed-v4.0","texts":["q"]})",
        .response = R"({"embeddings":{"float":[[0.1]]},"meta":{"billed_units":{"input_tokens":4}}})",
        .request_fields = {{"x-fern-sdk-name", "cohere-ai"}}},
       "cohere-other embeddings embed-v4.0> 4/0"},
      {{.target = "/model/amazon.titan-embed-text-v2:0/invoke", .request = R"({"inputText":"q"})",
        .request_fields = {{"authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/bedrock/aws4_request"}}},
       "bedrock-converse embeddings amazon.titan-embed-text-v2:0> 0/0"},
      {{.target = "/v1/audio/transcriptions", .response = R"({"text":"hello","usage":{"type":"tokens","input_tokens":14,"output_tokens":45}})"},
       "openai-audio transcription > 14/45"},
      {{.target = "/v1/predictions", .request = R"({"version":"a/b","input":{"prompt":"q"}})",
        .response = R"({"id":"1","status":"starting","version":"a/b","urls":{"get":"https://api.replicate.com/v1/predictions/1"}})",
        .request_fields = {{"user-agent", "replicate-javascript/1.0"}}},
       "replicate predict a/b> 0/0"},

      // To ask whether an answer is there is no call, nor is what a library asks beside.
      {{.method = "GET", .target = "/v1/predictions/1",
        .response = R"({"id":"1","status":"processing","version":"a/b","urls":{"get":"https://api.replicate.com/v1/predictions/1"}})",
        .request_fields = {{"user-agent", "replicate-javascript/1.0"}}}, ""},
      {{.method = "GET", .target = "/fal-ai/flux/requests/1/status",
        .response = R"({"status":"IN_PROGRESS","request_id":"1","response_url":"u","status_url":"s"})",
        .request_fields = {{"authorization", "Key a:b"}}}, ""},
      {{.method = "GET", .target = "/v1/threads/t/runs/r", .response = R"({"object":"thread.run","status":"queued"})",
        .request_fields = {{"openai-beta", "assistants=v2"}}}, ""},
      {{.method = "GET", .target = "/v1/messages/batches/1", .response = R"({"type":"message_batch","processing_status":"in_progress"})",
        .request_fields = {{"anthropic-version", "2023-06-01"}}}, ""},
      {{.method = "GET", .target = "/v1/models", .response = R"({"data":[],"has_more":false})",
        .request_fields = {{"anthropic-version", "2023-06-01"}, {"user-agent", "Anthropic/JS 0.60.0"}}}, ""},
      {{.method = "GET", .target = "/info", .response = R"({"version":"0.12"})",
        .request_fields = {{"user-agent", "langsmith-js/0.3"}, {"x-api-key", "lsv2_pt_0"}}}, ""},

      // Others, at paths of these names.
      {{.target = "/score", .request = R"({"team":"a","points":3})", .response = R"({"data":[{"score":3}]})"}, ""},
      {{.target = "/agents/17", .request = R"({"name":"Smith","inputText":"note"})"}, ""},
      {{.target = "/flows/7/aliases/prod", .request = R"({"target":"v2"})"}, ""},
      {{.target = "/tokenize", .request = R"({"card":"4111"})", .response = R"({"token":"t"})"}, ""},
      {{.target = "/runtimes/php/invocations", .request = R"({"prompt":"go"})", .status = 404}, ""},
      {{.target = "/rerank", .request = R"({"query":"q","items":["a"]})", .response = R"({"results":[]})"}, ""},
      {{.method = "GET", .target = "/v1/responses", .request = R"({"type":"subscribe","model":"form"})", .status = 101, .websocket = true}, ""},
      {{.method = "GET", .target = "/v3/ws", .response = R"({"type":"Turn","player":1})", .status = 101, .websocket = true}, ""},
      {{.target = "/api/v1/forms/7/responses", .request = R"({"answers":[1]})", .response = R"({"object":"response"})"}, ""},
      {{.target = "/v1/conversations", .request = R"({"participants":["a"]})", .response = R"({"id":"c"})"}, ""},
      {{.target = "/v1/videos", .request = R"({"title":"t","url":"u"})", .response = R"({"object":"video"})"}, ""},
      {{.target = "/v1/interactions", .request = R"({"contact":"c","kind":"call"})", .response = R"({"object":"interaction"})"}, ""},
      {{.target = "/v1/interactions", .request = R"({"model":"crm","input":"call"})", .response = R"({"id":1})",
        .response_fields = {{"server", "nginx"}}, .status = 404}, ""},
      {{.target = "/serving-endpoints/churn/invocations", .request = R"({"dataframe_split":{"columns":[]}})", .response = R"({"predictions":[1]})"}, ""},
      {{.target = "/api/v2/cortex/analyst/feedback", .request = R"({"rating":1})"}, ""},
      {{.target = "/ml/v1/deployments/d/predictions?version=2024-10-08", .request = R"({"input_data":[]})"}, ""},
      {{.target = "/20231130/actions/rename", .request = R"({"compartmentId":"o"})"}, ""},
      {{.target = "/client/v4/accounts/a/pages/run", .request = R"({"prompt":"q"})"}, ""},
      {{.target = "/run", .request = R"({"app_name":"a"})", .response = R"({"author":"a"})"}, ""},
      {{.target = "/jobs", .request = R"({"threadId":1,"runId":2})"}, ""},
      {{.target = "/rpc", .request = R"({"jsonrpc":"2.0","id":2,"method":"agent/list"})"}, ""},
  };
}
// clang-format on

TEST_CASE("families of APIs are told by shape, whatever the host") {
  ApiReader reader{shipped()};
  ApiScan scan;
  for (const Family& each : families()) {
    INFO(each.talk.target << " " << each.talk.request);
    CHECK(told(read_talk(reader, scan, each.talk)) == each.told);
    CHECK(told(read_talk(reader, scan, each.talk, 3)) == each.told);
  }
}

}  // namespace
}  // namespace gnomon::identify
