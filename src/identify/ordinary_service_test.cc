// Services that are no AI, and speak as some AI does.
#include "api_contents.h"
#include "api_test_support.h"

namespace gnomon::identify {
namespace {

Talk get(const char* target, const char* response, std::uint16_t status = 200) {
  return {.method = "GET", .target = target, .response = response, .status = status};
}

Talk post(const char* target, const char* request, const char* response) {
  return {.target = target, .request = request, .response = response};
}

const std::string kForm =
    "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n"
    "--b\r\nContent-Disposition: form-data; name=\"file\"; "
    "filename=\"a.png\"\r\n\r\nP\r\n--b--\r\n";

TEST_CASE("Requests of ordinary services are no calls of models") {
  ApiReader reader{shipped()};
  ApiScan scan;
  const std::vector<Talk> others = {
      // Stripe's files
      post("/v1/files", kForm.c_str(),
           R"({"id":"f","object":"file","purpose":"dispute_evidence","size":2735})"),
      // Firebase's storage and Google's photos
      {.target = "/v0/b/proj.appspot.com/o?name=a.png",
       .request = R"({"name":"a.png"})",
       .request_fields = {{"X-Goog-Upload-Protocol", "resumable"},
                          {"X-Goog-Upload-Command", "start"}}},
      {.target = "/v1/uploads",
       .request_fields = {{"X-Goog-Upload-Protocol", "resumable"},
                          {"X-Goog-Upload-Command", "start"}}},
      // Appwrite's realtime
      {.method = "GET",
       .target = "/v1/realtime?project=demo&channels[]=documents",
       .status = 101,
       .websocket = true},
      post("/api/conversations", R"({"customer":5})", R"({"conversation_id":"c","status":"open"})"),
      post("/v1/conversations", R"({"agent_id":17,"customer_id":5})", R"({"id":3})"),
      post("/api/chat/send", R"({"message":"hello","session_id":"s1"})", R"({"ok":true})"),
      post("/conversation/join", R"({"room":5})", R"({"type":"bearer","token":"eyJhb"})"),
      post("/query", R"({"query":"SELECT 1","mode":"sync"})", R"({"rows":[[1]]})"),
      post("/api/v1/collections/42/query", R"({"query":"status:open"})", R"({"items":[]})"),
      post("/v2/upload", R"({"name":"x"})", R"({"upload_url":"http://x/1"})"),
      post("/v1/ocr", R"({"document":"aGVsbG8="})", R"({"pages":[]})"),
      post("/runs", R"({"agent_name":"build-01","job":"nightly"})", R"({"id":5})"),
      {.method = "GET",
       .target = "/v1/listen",
       .response = R"({"episodes":[]})",
       .request_fields = {{"Authorization", "Token 9944b091"}}},
      {.method = "GET",
       .target = "/v1/messages",
       .response_fields = {{"WWW-Authenticate",
                            "Bearer resource_metadata=\"http://mail.example/.well-known/x\""}},
       .status = 401},
  };
  for (const Talk& each : others) {
    INFO(each.method << " " << each.target << " " << each.request);
    CHECK(read_talk(reader, scan, each).family.empty());
  }
}

TEST_CASE("Those that are calls of models stay so") {
  ApiReader reader{shipped()};
  ApiScan scan;
  struct Case {
    const char* family;
    Talk talk;
  };
  const std::vector<Case> calls = {
      {"openai-files", post("/v1/files",
                            "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n"
                            "assistants\r\n--b--\r\n",
                            R"({"object":"file","bytes":1,"purpose":"assistants"})")},
      {"gemini-files",
       {.target = "/upload/v1beta/files", .request_fields = {{"X-Goog-Upload-Protocol", "x"}}}},
      {"openai-realtime",
       {.method = "GET", .target = "/v1/realtime?model=m", .status = 101, .websocket = true}},
      {"lightrag", post("/query", R"({"query":"x","mode":"hybrid"})", R"({"response":"x"})")},
      {"mistral", post("/v1/conversations", R"({"agent_id":"a","inputs":"x"})", "{}")},
      {"mistral", post("/v1/ocr", R"({"model":"m","document":{"type":"document_url"}})", "{}")},
      {"deepgram", {.target = "/v1/listen?model=nova-3", .request = "x"}},
      {"assemblyai",
       post("/v2/upload", "x", R"({"upload_url":"https://cdn.assemblyai.com/upload/1"})")},
      {"vector-upsert",
       post("/api/v1/collections/42/query", R"({"query_embeddings":[[1]]})", "{}")},
      {"vector-upsert", post("/collections/docs/points/query", R"({"query":[1]})", "{}")},
      {"mcp",
       {.target = "/mcp",
        .response_fields = {{"WWW-Authenticate", "Bearer resource_metadata=\"http://a.example\""}},
        .status = 401}},
  };
  for (const Case& each : calls) {
    INFO(each.talk.method << " " << each.talk.target << " " << each.talk.request);
    CHECK(read_talk(reader, scan, each.talk).family == each.family);
  }
}

TEST_CASE("Ordinary services are no products") {
  struct Service {
    const char* what;
    std::vector<Talk> talks;
  };
  Talk predictions = get("/predictions/stop-17", R"({"stop":17})");
  predictions.response_fields = {{"X-Request-Id", "a1"}};
  Talk list = get("/v1/models", R"({"object":"list","data":[]})");
  list.response_fields = {{"Server", "BaseHTTP/0.6 Python/3.11.2"}};
  Talk chat = post("/v1/chat/completions", R"({"q":1})", R"({"a":1})");
  chat.response_fields = list.response_fields;
  const std::vector<Service> services = {
      {"bus stops", {predictions, get("/ping", R"({"status":"Healthy"})")}},
      {"things",
       {get("/healthcheck", R"({"status":"healthy"})"), get("/v1/gateway/devices", "{}")}},
      {"documents",
       {get("/v1/system/version", R"({"data":"2.1"})"),
        post("/v1/document/upload", "%PDF", R"({"id":7})")}},
      {"an appliance",
       {get("/v1/license", R"({"name":"Acme GmbH"})"), get("/v1/manifest", R"({"files":[]})")}},
      {"messages",
       {get("/ws/socket.io/?EIO=4", "0{}"), get("/api/v1/chats/17", R"({"id":17,"members":[]})")}},
      {"a load balancer",
       {get("/csrf-token", R"({"token":"abc"})"), get("/api/backends/web", R"({"servers":[]})")}},
      {"a wiki",
       {get("/SuperAGI",
            "<html><title>SuperAGI - Wiki</title><body>notes on SuperAGI</body></html>"),
        get("/CrewAI", "<html><title>CrewAI Studio - Wiki</title>CrewAI Studio</html>"),
        get("/Crawl4AI", "<html><title>Crawl4AI notes</title>Crawl4AI</html>"),
        get("/BentoML", "<html><title>BentoML</title>BentoML Prediction Service</html>")}},
      {"builds",
       {get("/ping", "pong"), post("/runs", R"({"agent_name":"b","job":"n"})", R"({"id":5})")}},
      {"Python's own server", {list, chat}},
  };
  for (const Service& each : services) {
    INFO(each.what);
    Site site;
    for (const Talk& talk : each.talks) site.saw(talk);
    CHECK(site.told().empty());
  }
}

TEST_CASE("A page's title and its text count once") {
  const auto told = [](const char* page, std::vector<ApiField> fields = {}) {
    Talk talk = get("/", page);
    talk.response_fields = std::move(fields);
    return Site{}.saw(talk).told();
  };
  CHECK(told("<title>SuperAGI</title><p>SuperAGI</p>").empty());
  CHECK(told("<title>SuperAGI</title>", {{"X-Powered-By", "Next.js"}}) == "superagi");
  CHECK(told("<title>OpenClaw Control</title><openclaw-app>") == "openclaw");
  CHECK(told("<title>Crawl4AI Playground</title>Crawl4AI").empty());
}

// Paths of products, as a scanner asks for them.
std::vector<std::string> scanned() {
  return {"/",
          "/api/v1/auths/",
          "/ollama/api/tags",
          "/v1/license",
          "/v1/manifest",
          "/api/2.0/mlflow/experiments/search",
          "/ajax-api/2.0/mlflow/experiments/search",
          "/_plugins/_ml/models/_search",
          "/webapi/chat/openai",
          "/trpc/edge/x",
          "/setup/status",
          "/predictions/x",
          "/api/local_doc_qa/list",
          "/qanything/x",
          "/arize_phoenix_version",
          "/v1/traces",
          "/v1/internal/token-count",
          "/v1-openai/models",
          "/v2/workers",
          "/v1/openai/v1/models",
          "/v1/health",
          "/mii/x",
          "/api/kernels",
          "/console/api/system-features"};
}

TEST_CASE("A server that answers the same to everything is no product") {
  const Talk chat = {.target = "/v1/chat/completions",
                     .request = R"({"model":"x","messages":[{"role":"user","content":"hi"}]})"};
  for (const std::uint16_t status :
       std::initializer_list<std::uint16_t>{404, 405, 410, 501, 301, 302, 403, 500, 200}) {
    INFO(status);
    Site site;
    for (const char* method : {"GET", "POST"}) {
      for (const std::string& path : scanned())
        site.saw({.method = method,
                  .target = path,
                  .response = "<html><title>Welcome</title></html>",
                  .response_fields = {{"Server", "nginx"}},
                  .status = status});
    }
    if (nothing_there(status)) {
      Talk call = chat;
      call.status = status;
      site.saw(call);
    }
    CHECK(site.told().empty());
  }
}

TEST_CASE("A call that found nothing there stands, and says nothing of the server") {
  ApiReader reader{shipped()};
  ApiScan scan;
  Talk chat = {.target = "/v1/chat/completions",
               .request = R"({"model":"x","messages":[{"role":"user","content":"hi"}]})",
               .status = 404};
  const ApiFacts& facts = read_talk(reader, scan, chat);
  CHECK(facts.family == "openai-chat");
  CHECK(facts.model_requested == "x");
  CHECK(facts.usage.empty());
  CHECK_FALSE(facts.call);
  CHECK_FALSE(facts.prompt);
  // A path alone is anybody's.
  CHECK(
      read_talk(reader, scan, {.target = "/api/backends/chat-completions/generate", .status = 404})
          .family.empty());
  // Nor what was asked of a server that is one.
  const Talk known = get(
      "/v1/models",
      R"({"object":"list","data":[{"id":"q","object":"model","owned_by":"vllm","max_model_len":1}]})");
  CHECK(Site{}.saw(known).saw(chat).told() == "vllm +q !unauthenticated open");
}

TEST_CASE("No path alone is more than common to a product") {
  const ApiKnowledge::Contents& all = shipped().contents();
  for (const Trait& each : all.traits) {
    if (all.subjects[each.subject].family || each.weight == 1) continue;
    INFO(all.subjects[each.subject].id << ": " << each.reason);
    CHECK((each.of_content || each.reason.find("query ") != std::string_view::npos));
  }
}

}  // namespace
}  // namespace gnomon::identify
