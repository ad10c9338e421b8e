#include "gnomon/identify/asset_book.h"

#include "api_test_support.h"

namespace gnomon::identify {
namespace {

const Talk kTags = {
    .method = "GET",
    .target = "/api/tags",
    .response =
        R"({"models":[{"name":"llama3.2:1b","digest":"x","details":{"quantization_level":"Q4"}}]})"};
const Talk kVersion = {
    .method = "GET", .target = "/api/version", .response = R"({"version":"0.5.1"})"};
const Talk kPull = {.target = "/api/pull",
                    .request = R"({"model":"qwen"})",
                    .response = "{\"status\":\"pulling manifest\"}\n{\"status\":\"success\"}\n"};
const Talk kChat = {
    .target = "/v1/chat/completions",
    .request = R"({"model":"m","messages":[{"role":"user","content":"x"}]})",
    .response = R"({"object":"chat.completion","choices":[{"message":{}}],"model":"m"})"};
const Talk kModels = {
    .method = "GET",
    .target = "/v1/models",
    .response = R"({"object":"list","data":[{"id":"m","object":"model","owned_by":"me"}]})"};

TEST_CASE("A product is told once, with what several exchanges say of it") {
  Site site;
  CHECK(site.saw(kVersion).told().empty());
  CHECK(site.saw(kTags).saw(kPull).told() ==
        "ollama 0.5.1 +llama3.2:1b +qwen !admin-api !unauthenticated open");
  CHECK(site.saw(kTags).saw(kVersion).told().empty());
}

TEST_CASE("Products that speak gRPC are told by their service, on any host and port") {
  const auto told_by = [](const char* target, const char* type, const char* server = "10.0.0.1") {
    return Site{}
        .saw({.target = target, .request_fields = {{"content-type", type}}, .host = "a.example"},
             "10.0.0.9", server)
        .told();
  };
  struct Case {
    const char* target;
    const char* product;
  };
  for (const Case& each : {Case{"/inference.GRPCInferenceService/ModelStatistics", "triton"},
                           {"/inference.GRPCInferenceService/CudaSharedMemoryStatus", "triton"},
                           {"/qdrant.Points/Search", "qdrant"},
                           {"/qdrant.Collections/List", "qdrant"},
                           {"/milvus.proto.milvus.MilvusService/Search", "milvus"},
                           {"/weaviate.v1.Weaviate/Search", "weaviate"},
                           {"/tensorflow.serving.PredictionService/Predict", "tensorflow-serving"},
                           {"/tensorflow.serving.ModelService/GetModelStatus", "tensorflow-serving"},
                           {"/org.pytorch.serve.grpc.inference.InferenceAPIsService/Predictions", "torchserve"},
                           {"/tei.v1.Embed/Embed", "tei"}}) {
    INFO(each.target);
    for (const char* type : {"application/grpc", "application/grpc+proto", "application/grpc-web+proto"}) {
      CHECK(told_by(each.target, type).starts_with(each.product));
      CHECK(told_by(each.target, type, "203.0.113.5").starts_with(each.product));
    }
    // The path alone is what anybody may call a page.
    CHECK(told_by(each.target, "application/json").empty());
  }
  // Triton, KServe and MLServer all answer these: the protocol is told, and on the outside nothing.
  for (const char* shared : {"ModelInfer", "ModelStreamInfer", "ServerLive", "RepositoryIndex", "ModelConfigs"}) {
    INFO(shared);
    const std::string target = std::string{"/inference.GRPCInferenceService/"} + shared;
    CHECK(told_by(target.c_str(), "application/grpc").starts_with("kserve-v2"));
    CHECK(told_by(target.c_str(), "application/json").empty());
    CHECK(told_by(target.c_str(), "application/grpc", "203.0.113.5").empty());
  }
  for (const char* other :
       {"/grpc.health.v1.Health/Check", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/inference.GRPCInferenceService", "/inference.Other/ModelInfer", "/v1/qdrant.Points/Search",
        "/qdrantx.Points/Search", "/milvus.proto.milvus.MilvusServices/Search", "/weaviate.v2.Weaviate/Search",
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export"}) {
    INFO(other);
    CHECK(told_by(other, "application/grpc").empty());
  }
}

TEST_CASE("New facts are told when a minute has passed") {
  Site site;
  CHECK(site.saw(kTags).saw(kVersion).told(false).empty());
  site.wait(60);
  CHECK(site.told(false) == "ollama 0.5.1 +llama3.2:1b !unauthenticated open");
  site.wait(600);
  CHECK(site.told(false).empty());
}

TEST_CASE("A path that many servers have names no product") {
  CHECK(Site{}.saw(kModels).saw(kChat).told() ==
        "openai-compatible +m !cleartext-prompt !unauthenticated open");
  // On the outside it is somebody's service, unless it says which product it is.
  CHECK(Site{}.saw(kModels, "10.0.0.9", "203.0.113.5").told().empty());
  CHECK(Site{}.saw({.method = "GET", .target = "/v1/models", .status = 404}).told().empty());
  CHECK(Site{}
            .saw({.method = "GET", .target = "/metrics", .response = "# HELP up x\nup 1\n"})
            .told()
            .empty());
  CHECK(Site{}
            .saw({.method = "GET", .target = "/", .response = "<title>Dify</title>"})
            .told()
            .empty());
  CHECK(Site{}
            .saw({.method = "GET", .target = "/health", .response = R"({"status":"ok"})"})
            .saw({.method = "GET",
                  .target = "/version",
                  .response = R"({"version":"1"})",
                  .response_fields = {{"Server", "uvicorn"}}})
            .told()
            .empty());
}

TEST_CASE("What is known of the product comes instead of the API's name") {
  const Talk vllm = {
      .method = "GET",
      .target = "/v1/models",
      .response =
          R"({"object":"list","data":[{"id":"q","object":"model","owned_by":"vllm","max_model_len":4096}]})"};
  CHECK(Site{}.saw(kChat).saw(vllm).told() == "vllm +m +q !cleartext-prompt !unauthenticated open");
  // A gateway hands through what the server behind it says.
  const Talk gateway = {
      .method = "GET",
      .target = "/",
      .response = R"({"message":"CLI Proxy API Server","endpoints":["GET /v1/models"]})",
      .request_fields = {{"X-Management-Key", "made-up"}}};
  CHECK(Site{}.saw(vllm).saw(gateway).told() == "cliproxyapi");
}

TEST_CASE("Who was let in, and from where") {
  Talk with_key = kTags;
  with_key.request_fields = {{"Authorization", "Bearer sk-1"}};
  Talk refused = kTags;
  refused.status = 401;
  refused.response.clear();
  CHECK(Site{}.saw(with_key).saw(kVersion).told() == "ollama 0.5.1 +llama3.2:1b closed");
  CHECK(Site{}.saw(refused).saw(with_key).saw(kVersion).told() ==
        "ollama 0.5.1 +llama3.2:1b closed");
  // From the server itself it is no exposure.
  CHECK(Site{}.saw(kTags, "10.0.0.1").saw(kPull, "10.0.0.1").saw(kVersion).told() ==
        "ollama 0.5.1 +llama3.2:1b +qwen open");
  CHECK(Site{}.saw(kModels).saw(kChat, "10.0.0.9", "10.0.0.1", true).told() ==
        "openai-compatible +m !unauthenticated open");
}

TEST_CASE("What a product hands on is its own, what is beside it is not") {
  const Talk config = {.method = "GET",
                       .target = "/api/config",
                       .response = R"({"name":"Open WebUI","version":"0.6.1","features":{}})"};
  Talk below = kTags;
  below.target = "/ollama/api/tags";
  const auto products = [](std::initializer_list<Talk> talks) {
    Site site;
    for (const Talk& each : talks) site.saw(each);
    std::string told = "; " + site.told();
    std::string names;
    for (const char* name : {"ollama", "open-webui"})
      if (told.find("; " + std::string{name} + " ") != std::string::npos)
        names += name + std::string{" "};
    return names;
  };
  CHECK(products({config, below, kVersion}) == "open-webui ");
  // Below such a path without the one that hands on.
  CHECK(products({below, kVersion}) == "ollama ");
  // One proxy, and what its paths lead to.
  CHECK(products({config, kTags, kVersion}) == "ollama open-webui ");
}

TEST_CASE("Names of one server do not lend each other traits") {
  Talk one = kVersion, two = kTags;
  one.host = "a.example";
  two.host = "b.example";
  two.response = R"({"models":[{"name":"x","digest":"x","details":{"quantization_level":"Q4"}}]})";
  CHECK(Site{}.saw(one).saw(two).told().empty());
}

TEST_CASE("Servers behind one address do not lend each other what is known of them") {
  const auto at = [](Talk talk, const char* host) {
    talk.host = host;
    return talk;
  };
  Talk collections = {
      .method = "GET",
      .target = "/collections",
      .response = R"({"result":{"collections":[{"name":"q"}]},"status":"ok","time":0.1})"};
  collections.request_fields = {{"api-key", "k"}};
  Site proxy;
  proxy.saw(at(kChat, "llm.example")).saw(at(kModels, "llm.example"));
  proxy.saw(at(collections, "vectors.example"));
  Talk points = {.target = "/qdrant.Points/Search",
                 .request_fields = {{"content-type", "application/grpc"}, {"api-key", "k"}}};
  proxy.saw(at(points, "vectors.example"));
  const std::string told = proxy.told();
  CHECK(told.find("openai-compatible +m !cleartext-prompt !unauthenticated open") !=
        std::string::npos);
  CHECK(told.find("qdrant +q closed") != std::string::npos);
  // A name without a product of its own is a further one of the server's.
  CHECK(Site{}.saw(kTags).saw(kVersion).saw(at(kPull, "other.example")).told() ==
        "ollama 0.5.1 +llama3.2:1b +qwen !admin-api !unauthenticated open");
}

TEST_CASE("A server that speaks two vendors' APIs is told by both") {
  const Talk messages = {
      .target = "/v1/messages",
      .request = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]})",
      .response =
          R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}})",
      .request_fields = {{"anthropic-version", "2023-06-01"}}};
  const std::string told = Site{}.saw(kChat).saw(kModels).saw(messages).told();
  CHECK(told.find("openai-compatible") != std::string::npos);
  CHECK(told.find("anthropic-compatible") != std::string::npos);
}

TEST_CASE("What was asked before the first trait counts") {
  // It has no trait of its own.
  const Talk removal = {.method = "DELETE", .target = "/api/delete", .request = R"({"model":"m"})"};
  CHECK(Site{}.saw(removal).told().empty());
  const std::string told = Site{}.saw(removal).saw(kTags).saw(kVersion).told();
  CHECK(told == Site{}.saw(kTags).saw(kVersion).saw(removal).told());
  CHECK(told.find("!admin-api") != std::string::npos);
}

TEST_CASE("A server is told again on each day it is used") {
  Site site;
  CHECK_FALSE(site.saw(kTags).saw(kVersion).told().empty());
  CHECK(site.saw(kTags).told().empty());
  site.wait(86'400);
  CHECK(site.told().empty());
  CHECK(site.saw(kTags).told().starts_with("ollama 0.5.1"));
  CHECK(site.saw(kTags).told().empty());
}

}  // namespace
}  // namespace gnomon::identify
