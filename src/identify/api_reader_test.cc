#include "../message/aws_event_samples.h"
#include "api_test_support.h"

namespace gnomon::identify {
namespace {

std::string joined(std::span<const std::string_view> names) {
  std::string all;
  for (const std::string_view each : names) all.append(all.empty() ? "" : ",").append(each);
  return all;
}

struct Case {
  const char* what;
  Talk talk;
  const char* family;
  const char* operation = "";
  const char* requested = "";
  const char* returned = "";
  unsigned in = 0;
  unsigned out = 0;
  bool streamed = false;
  const char* offered = "";
  const char* called = "";
};

const std::string kChatRequest =
    R"({"model":"llama-3","messages":[{"role":"user","content":"\"model\":\"evil\", {"}],"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"name":{"type":"string"}}}}}],"stream":true})";
const std::string kChatStream =
    "data: "
    "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"llama-3-8b\",\"choices\":[{"
    "\"delta\":"
    "{\"tool_calls\":[{\"function\":{\"name\":\"get_weather\",\"arguments\":\"\"}}]}}]}\r\n\r\n"
    "data: {\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":12,"
    "\"completion_tokens\":7}}\r\n\r\ndata: [DONE]\r\n\r\n";

std::vector<Case> cases() {
  return {
      {"streamed chat",
       {.target = "/v1/chat/completions", .request = kChatRequest, .response = kChatStream},
       "openai-chat",
       "chat",
       "llama-3",
       "llama-3-8b",
       12,
       7,
       true,
       "get_weather",
       "get_weather"},
      {"behind a prefix, model last",
       {.target = "/llm/prod/v1/chat/completions?x=1",
        .request = R"({"messages":[{"role":"user","content":"hi"}],"model":"m"})",
        .response =
            R"({"object":"chat.completion","model":"m-1","choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":3,"completion_tokens":4}})"},
       "openai-chat",
       "chat",
       "m",
       "m-1",
       3,
       4},
      {"Azure's deployment",
       {.target = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-06-01",
        .request = R"({"messages":[{"role":"user","content":"hi"}]})",
        .response = R"({"object":"chat.completion","choices":[],"model":"gpt-4o-2024"})"},
       "azure-openai",
       "chat",
       "gpt-4o",
       "gpt-4o-2024"},
      {"Anthropic, streamed",
       {.target = "/v1/messages",
        .request =
            R"({"model":"claude-x","max_tokens":9,"stream":true,"tools":[{"name":"search","input_schema":{}}],"messages":[{"role":"user","content":"a"}]})",
        .response = "event: message_start\ndata: "
                    "{\"type\":\"message_start\",\"message\":{\"model\":\"claude-x-1\","
                    "\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n"
                    "event: content_block_start\ndata: "
                    "{\"content_block\":{\"type\":\"tool_use\",\"name\":\"search\"}}\n\n"
                    "event: message_delta\ndata: {\"usage\":{\"output_tokens\":15}}\n\n",
        .request_fields = {{"anthropic-version", "2023-06-01"}}},
       "anthropic-messages",
       "chat",
       "claude-x",
       "claude-x-1",
       25,
       15,
       true,
       "search",
       "search"},
      {"Gemini, model in the path",
       {.target = "/v1beta/models/gemini-2:streamGenerateContent?alt=sse&key=AIza",
        .request = R"({"contents":[{"parts":[{"text":"q"}]}]})",
        .response = "data: "
                    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}],"
                    "\"modelVersion\":\"gemini-2-1\","
                    "\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":100}}\n\n"},
       "gemini-generate-content",
       "chat",
       "gemini-2",
       "gemini-2-1",
       5,
       100,
       true},
      {"Gemini, a list that comes item by item",
       {.target = "/v1beta/models/gemini-2:streamGenerateContent?key=AIza",
        .request = R"({"contents":[{"parts":[{"text":"q"}]}]})",
        .response = "[{\n  \"candidates\": [{\"content\": {\"parts\": [{\"text\": \"a\"}]}}],\n"
                    "  \"usageMetadata\": {\"promptTokenCount\": 5,\"candidatesTokenCount\": 2},\n"
                    "  \"modelVersion\": \"gemini-2-1\"\n}\n,\r\n{\n"
                    "  \"candidates\": [{\"content\": {\"parts\": [{\"functionCall\": "
                    "{\"name\": \"look\"}}]}}],\n"
                    "  \"usageMetadata\": {\"promptTokenCount\": 5,\"candidatesTokenCount\": 100},"
                    "\n  \"modelVersion\": \"gemini-2-1\"\n}\n]"},
       "gemini-generate-content",
       "chat",
       "gemini-2",
       "gemini-2-1",
       5,
       100,
       true,
       "",
       "look"},
      {"Ollama, streamed when nothing is said",
       {.target = "/api/chat",
        .request = R"({"model":"llama3.2","messages":[{"role":"user","content":"x"}]})",
        .response = "{\"model\":\"llama3.2\",\"created_at\":\"t\",\"message\":{\"role\":"
                    "\"assistant\",\"content\":\"a\"},\"done\":false}\n"
                    "{\"model\":\"llama3.2\",\"created_at\":\"t\",\"message\":{\"role\":"
                    "\"assistant\",\"content\":\"\"},\"done\":true,"
                    "\"prompt_eval_count\":26,\"eval_count\":9}\n"},
       "ollama-chat",
       "chat",
       "llama3.2",
       "llama3.2",
       26,
       9,
       true},
      {"MCP calls a tool",
       {.target = "/mcp",
        .request =
            R"({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"read_file","arguments":{"path":"/etc/passwd"}}})",
        .response =
            "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"content\":[]}}\n\n",
        .request_fields = {{"Mcp-Session-Id", "1"}}},
       "mcp",
       "tools/call",
       "",
       "",
       0,
       0,
       true,
       "",
       "read_file"},
      {"MCP lists tools",
       {.target = "/mcp",
        .request = R"({"method":"tools/list","jsonrpc":"2.0","id":1})",
        .response =
            R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","inputSchema":{}},{"name":"b","inputSchema":{"properties":{"name":{}}}}]}})",
        .request_fields = {{"MCP-Protocol-Version", "2025-06-18"}}},
       "mcp",
       "tools/list",
       "",
       "",
       0,
       0,
       false,
       "a,b"},
      {"MCP, several at once: what is asked names it, prompts are no tools",
       {.target = "/mcp",
        .request =
            R"([{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}},{"jsonrpc":"2.0","id":2,"method":"prompts/get","params":{"name":"p"}},{"params":{"arguments":{"name":"x"},"name":"b"},"method":"tools/call","id":3,"jsonrpc":"2.0"}])",
        .response = R"([{"jsonrpc":"2.0","id":1,"result":{}}])",
        .request_fields = {{"Mcp-Session-Id", "1"}}},
       "mcp",
       "tools/call",
       "",
       "",
       0,
       0,
       false,
       "",
       "a,b"},
      {"MCP, the server asks for a model's answer",
       {.method = "GET",
        .target = "/mcp",
        .response =
            "event: message\rdata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\r\r"
            "data: {\"jsonrpc\":\"2.0\",\"id\":1,\rdata: "
            "\"method\":\"sampling/createMessage\"}\r\r",
        .request_fields = {{"Mcp-Session-Id", "1"}}},
       "mcp",
       "sampling/createMessage",
       "",
       "",
       0,
       0,
       true},
      {"A2A sends a message",
       {.target = "/",
        .request =
            R"({"jsonrpc":"2.0","id":1,"method":"message/send","params":{"message":{"parts":[{"kind":"text","text":"x"}]}}})",
        .response =
            R"({"jsonrpc":"2.0","id":1,"result":{"kind":"task","contextId":"c","status":{"state":"completed"}}})"},
       "a2a",
       "message/send"},
      {"A2A over gRPC",
       {.target = "/lf.a2a.v1.A2AService/SendStreamingMessage",
        .request = std::string("\0\0\0\0\2\x0a\0", 7),
        .request_fields = {{"content-type", "application/grpc"}}},
       "a2a",
       "message/stream",
       "",
       "",
       0,
       0,
       true},
      {"a form with a file",
       {.target = "/v1/audio/transcriptions",
        .request = "--b\r\nContent-Disposition: form-data; name=\"file\"; "
                   "filename=\"a.mp3\"\r\n\r\n\x01\x02"
                   "\r\n--b\r\nContent-Disposition: form-data; "
                   "name=\"model\"\r\n\r\nwhisper-1\r\n--b--\r\n",
        .response = R"({"text":"hello"})"},
       "openai-audio",
       "transcription",
       "whisper-1"},
      {"Bedrock",
       {.target = "/model/anthropic.claude-v2/converse",
        .request = R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})",
        .response =
            R"({"output":{"message":{"content":[{"text":"y"}]}},"stopReason":"end_turn","usage":{"inputTokens":8,"outputTokens":2}})"},
       "bedrock-converse",
       "chat",
       "anthropic.claude-v2",
       "",
       8,
       2},
      {"Anthropic, of a cache",
       {.target = "/v1/messages",
        .request = R"({"model":"c","max_tokens":9,"messages":[{"role":"user","content":"a"}]})",
        .response =
            R"({"type":"message","model":"c","stop_reason":"end_turn","usage":{"input_tokens":3,"cache_creation_input_tokens":100,"cache_read_input_tokens":2000,"output_tokens":5}})",
        .request_fields = {{"anthropic-version", "2023-06-01"}}},
       "anthropic-messages",
       "chat",
       "c",
       "c",
       2103,
       5},
      {"Anthropic, of a cache, streamed",
       {.target = "/v1/messages",
        .request =
            R"({"model":"c","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"a"}]})",
        .response =
            "event: message_start\ndata: "
            "{\"type\":\"message_start\",\"message\":{\"model\":\"c\",\"usage\":{\"input_tokens\":"
            "3,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":2000,"
            "\"output_tokens\":1}}}\n\n"
            "event: message_delta\ndata: {\"usage\":{\"output_tokens\":15}}\n\n",
        .request_fields = {{"anthropic-version", "2023-06-01"}}},
       "anthropic-messages",
       "chat",
       "c",
       "c",
       2003,
       15,
       true},
      {"OpenAI, of a cache, with reasoning",
       {.target = "/v1/chat/completions",
        .request = R"({"model":"m","messages":[{"role":"user","content":"a"}]})",
        .response =
            R"({"object":"chat.completion","model":"m-1","choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":30,"completion_tokens":40,"prompt_tokens_details":{"cached_tokens":20},"completion_tokens_details":{"reasoning_tokens":32}}})"},
       "openai-chat",
       "chat",
       "m",
       "m-1",
       30,
       40},
      {"Gemini, with thoughts and tools",
       {.target = "/v1beta/models/gemini-x:generateContent",
        .request = R"({"contents":[{"parts":[{"text":"x"}]}]})",
        .response =
            R"({"candidates":[{"content":{"parts":[{"text":"y"}]}}],"modelVersion":"gemini-x-1","usageMetadata":{"promptTokenCount":50,"cachedContentTokenCount":40,"toolUsePromptTokenCount":7,"candidatesTokenCount":5,"thoughtsTokenCount":300,"totalTokenCount":362}})"},
       "gemini-generate-content",
       "chat",
       "gemini-x",
       "gemini-x-1",
       57,
       305},
      {"Gemini that only thought",
       {.target = "/v1beta/models/gemini-x:generateContent",
        .request = R"({"contents":[{"parts":[{"text":"x"}]}]})",
        .response =
            R"({"candidates":[{"content":{"parts":[{"text":"y"}]}}],"modelVersion":"gemini-x-1","usageMetadata":{"promptTokenCount":50,"thoughtsTokenCount":300}})"},
       "gemini-generate-content",
       "chat",
       "gemini-x",
       "gemini-x-1",
       50,
       300},
      {"Bedrock, of a cache",
       {.target = "/model/anthropic.claude-v2/converse",
        .request = R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})",
        .response =
            R"({"output":{"message":{"content":[{"text":"y"}]}},"stopReason":"end_turn","usage":{"inputTokens":8,"outputTokens":2,"cacheReadInputTokens":100,"cacheWriteInputTokens":50,"totalTokens":160}})"},
       "bedrock-converse",
       "chat",
       "anthropic.claude-v2",
       "",
       158,
       2},
      {"Bedrock, streamed by Converse",
       {.target = "/model/anthropic.claude-v2/converse-stream",
        .request = R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})",
        .response =
            message::aws_event("messageStart", R"({"role":"assistant"})") +
            message::aws_event("contentBlockStart",
                               R"({"start":{"toolUse":{"name":"search"}},"contentBlockIndex":0})") +
            message::aws_event("contentBlockDelta", R"({"delta":{"text":"\"model\":\"no\""}})") +
            message::aws_event(
                "metadata",
                R"({"metrics":{"latencyMs":3},"usage":{"inputTokens":8,"outputTokens":2}})")},
       "bedrock-converse",
       "chat",
       "anthropic.claude-v2",
       "",
       8,
       2,
       true,
       "",
       "search"},
      {"Bedrock, streamed as the model's own API has it",
       {.target = "/model/anthropic.claude-v2/invoke-with-response-stream",
        .request =
            R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"a"}]})",
        .response =
            message::aws_chunk(
                R"({"type":"message_start","message":{"model":"claude-2-1","usage":{"input_tokens":25,"output_tokens":1}}})") +
            message::aws_chunk(R"({"type":"message_delta","usage":{"output_tokens":15}})") +
            message::aws_chunk(
                R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":26,"outputTokenCount":16}})")},
       "bedrock-converse",
       "chat",
       "anthropic.claude-v2",
       "claude-2-1",
       26,
       16,
       true},
      {"Bedrock, an event that nobody finished",
       {.target = "/model/amazon.nova-lite/invoke-with-response-stream",
        .request = R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})",
        .response =
            message::aws_chunk(R"({"contentBlockDelta":{"delta":{"text":"a"}}})") +
            message::aws_chunk(R"({"metadata":{"usage":{"inputTokens":3,"outputTokens":4}}})")
                .substr(0, 200)},
       "bedrock-converse",
       "chat",
       "amazon.nova-lite",
       "",
       3,
       4,
       true},
      {"Claude by Vertex AI, streamed",
       {.target =
            "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:streamRawPredict",
        .request =
            R"({"anthropic_version":"vertex-2023-10-16","messages":[{"role":"user","content":"a"}],"stream":true})",
        .response =
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":"
            "\"claude-x\",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n"
            "event: message_delta\ndata: {\"usage\":{\"output_tokens\":50}}\n\n"},
       "vertex-generate-content",
       "chat",
       "claude-x",
       "claude-x",
       9,
       50,
       true},
  };
}

TEST_CASE("Families of APIs are told by several traits, on any host") {
  ApiReader reader{shipped()};
  ApiScan scan;
  for (const Case& each : cases()) {
    // Pieces of any size say the same.
    for (const std::size_t piece : {0, 1, 7, 64}) {
      INFO(each.what << ", pieces of " << piece);
      const ApiFacts& facts = read_talk(reader, scan, each.talk, piece);
      CHECK(facts.family == each.family);
      CHECK(facts.operation == each.operation);
      CHECK(facts.model_requested == each.requested);
      CHECK(facts.model_returned == each.returned);
      CHECK(facts.tokens_in == each.in);
      CHECK(facts.tokens_out == each.out);
      CHECK(facts.streamed == each.streamed);
      CHECK(joined(facts.tools_offered) == each.offered);
      CHECK(joined(facts.tools_called) == each.called);
    }
  }
}

TEST_CASE("What only resembles a model API is none") {
  ApiReader reader{shipped()};
  ApiScan scan;
  const std::vector<Talk> others = {
      {.target = "/v1/chat/completions"},
      {.target = "/v1/chat/completions", .request = R"({"q":1})", .response = R"({"ok":true})"},
      {.target = "/api/chat", .request = R"({"message":"hello"})", .response = R"({"id":1})"},
      {.target = "/api/generate", .request = R"({"report":"x"})"},
      {.target = "/", .request = R"({"jsonrpc":"2.0","method":"eth_call","params":[],"id":1})"},
      {.target = "/",
       .request = R"({"jsonrpc":"2.0","method":"initialize","params":{"rootUri":"x"},"id":1})"},
      {.method = "GET", .target = "/v1/models", .response = R"({"models":["T","Y"]})"},
      {.method = "GET", .target = "/v1/messages", .response = R"({"messages":[]})"},
      {.target = "/query", .request = R"({"query":"select"})", .response = R"({"matches":[]})"},
      {.target = "/v2/check", .request = "a=b", .response = R"({"matches":[]})"},
      {.target = "/runs", .request = R"({"speed":3})"},
      {.target = "/api/v1/run/5", .request = R"({"job":1})", .response = R"({"outputs":[]})"},
      {.target = "/webhook/5", .request = R"({"event":"push"})"},
      {.method = "GET", .target = "/events", .response = "event: metadata\ndata: {}\n\n"},
      {.target = "/invoke", .request = R"({"input":1})", .response = R"({"output":2})"},
  };
  for (const Talk& each : others) {
    INFO(each.method << " " << each.target << " " << each.request);
    const ApiFacts& facts = read_talk(reader, scan, each);
    CHECK(facts.family.empty());
    CHECK(facts.artifact_kind.empty());
  }
}

TEST_CASE("Counts of tokens that no model takes are not told") {
  ApiReader reader{shipped()};
  ApiScan scan;
  const auto tokens = [&](const char* count) {
    const std::string answer =
        R"({"object":"chat.completion","model":"m","choices":[{"message":{}}],"usage":{"prompt_tokens":)" +
        std::string{count} + R"(,"completion_tokens":1}})";
    const ApiFacts& facts =
        read_talk(reader, scan,
                  {.target = "/v1/chat/completions", .request = kChatRequest, .response = answer});
    CHECK(facts.tokens_out == 1);
    return facts.tokens_in;
  };
  CHECK(tokens("1000000000") == 1'000'000'000);
  CHECK(tokens("1000000001") == 0);
  CHECK(tokens("9223372036854775807") == 0);
  CHECK(tokens("18446744073709551615") == 0);
  CHECK(tokens("99999999999999999999") == 0);
  CHECK(tokens("-5") == 0);
}

TEST_CASE("Documents cut anywhere, broken or too deep are read as far as they go") {
  ApiReader reader{shipped()};
  ApiScan scan;
  for (const Case& each : cases()) {
    for (std::size_t cut = 0; cut < each.talk.response.size(); ++cut) {
      Talk talk = each.talk;
      talk.response.resize(cut);
      const ApiFacts& facts = read_talk(reader, scan, talk, 5);
      CHECK((facts.family.empty() || facts.family == each.family));
    }
    for (std::size_t cut = 0; cut < each.talk.request.size(); ++cut) {
      Talk talk = each.talk;
      talk.request.resize(cut);
      read_talk(reader, scan, talk, 5);
    }
  }
  std::string deep = R"({"model":"m","x":)" + std::string(10'000, '[') + R"("model")";
  CHECK(
      read_talk(reader, scan, {.target = "/v1/chat/completions", .request = deep}).family.empty());
  deep = std::string(10'000, '[') + std::string(10'000, ']') +
         R"({"model":"m","messages":[{"role":"u"}]})";
  CHECK(read_talk(reader, scan, {.target = "/v1/chat/completions", .request = deep})
            .model_requested == "m");
  CHECK(read_talk(
            reader, scan,
            {.target = "/v1/chat/completions",
             .request = "{\"model\":\"\xff\xfe\\ud800\\u00e9\",\"messages\":[{\"role\":\"u\"}]}"})
            .model_requested == "\xff\xfe?\xc3\xa9");
  // Characters beyond 16 bits come in two halves, each of which may be alone.
  for (const auto& [written, read] : {std::pair{"\\ud83d\\ude80", "\xf0\x9f\x9a\x80"},
                                      {"\\ud83dx", "?x"},
                                      {"\\ud83d", "?"},
                                      {"\\ude80\\ud83d\\nx", "?? x"},
                                      {"\\ud83d\\ud83d\\ude80", "?\xf0\x9f\x9a\x80"}}) {
    CAPTURE(written);
    CHECK(read_talk(reader, scan,
                    {.target = "/v1/chat/completions",
                     .request = std::string{R"({"model":")"} + written +
                                R"(","messages":[{"role":"u"}]})"})
              .model_requested == read);
  }
}

TEST_CASE("a status that says that nothing is there") {
  for (const std::uint16_t status : std::initializer_list<std::uint16_t>{301, 302, 303, 307, 308}) {
    CAPTURE(status);
    CHECK(is_redirect(status));
    CHECK(nothing_there(status));
  }
  for (const std::uint16_t status : std::initializer_list<std::uint16_t>{404, 405, 410, 501}) {
    CAPTURE(status);
    CHECK_FALSE(is_redirect(status));
    CHECK(nothing_there(status));
  }
  // The client has what is there already.
  for (const std::uint16_t status :
       std::initializer_list<std::uint16_t>{0, 200, 299, 304, 400, 401, 403, 429, 500}) {
    CAPTURE(status);
    CHECK_FALSE(is_redirect(status));
    CHECK_FALSE(nothing_there(status));
  }
}

TEST_CASE("After bytes that are missing, only whole lines are believed") {
  ApiReader reader{shipped()};
  ApiScan scan;
  scan.begin(shipped());
  scan.request(R"({"model":"m","messages":[{"role":"user","content":"x"}]})", Time{});
  scan.response(
      "data: "
      "{\"object\":\"chat.completion.chunk\",\"model\":\"m1\",\"choices\":[{\"delta\":{}}]}\n\nda",
      Time{});
  scan.response_gap();
  scan.response("\"usage\":{\"prompt_tokens\":99}}\n\ndata: {\"usage\":{\"prompt_tokens\":4}}\n\n",
                Time{});
  ApiExchange exchange;
  exchange.method = "POST";
  exchange.target = "/v1/chat/completions";
  exchange.bodies = &scan;
  const ApiFacts& facts = reader.read(exchange);
  CHECK(facts.model_returned == "m1");
  CHECK(facts.tokens_in == 4);
}

}  // namespace
}  // namespace gnomon::identify
