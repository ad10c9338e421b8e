// The captures of servers of one's own: every product is told at its port, and no other.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gnomon/identify/api_reader.h"
#include "gnomon/sensor/replay.h"
#include "quiet_sink.h"

namespace gnomon::sensor {
namespace {

struct Told final : QuietSink {
  std::vector<std::string> assets, artifacts;

  void on_asset(const observation::AssetRecord& record) override {
    std::string text = std::to_string(record.conversation.server_port);
    text.append(" ").append(record.product);
    if (!record.version.empty()) text.append(" ").append(record.version);
    if (record.authenticated == observation::Authenticated::kYes) text += " closed";
    for (const std::string_view each : record.exposures)
      if (each == "admin-api") text += " admin";
    assets.push_back(std::move(text));
  }
  void on_artifact(const observation::ArtifactRecord& record) override {
    std::string text{record.kind};
    for (const std::string_view each : {record.repository, record.file, record.format})
      text.append(" ").append(each.empty() ? std::string_view{"-"} : each);
    artifacts.push_back(text + (record.unsafe_format ? " unsafe" : ""));
  }
};

struct Scenario {
  const char* capture;
  std::vector<std::string> assets;
  std::vector<std::string> artifacts = {};
};

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = {
      {"a2a", {"9999 a2a-agent 2.1.0"}},
      {"agent-builders",
       {"2024 langgraph-server 0.2.1", "3008 flowise 3.0.2", "3009 openhands",
        "4096 opencode 0.3.0", "5678 n8n 1.97.1", "7861 langflow 1.4.2", "8021 dify 1.4.1 closed",
        "8022 langserve", "8023 autogen-studio 0.4.2", "8024 acp", "18789 openclaw"}},
      {"downloads",
       {},
       {"model corp/tiny model.safetensors safetensors",
        "model corp/tiny optimizer.pt pytorch-zip unsafe",
        "model corp/tiny state.pkl pickle unsafe", "model corp/tiny tiny.gguf gguf",
        "model corp/big model.safetensors safetensors", "dataset corp/rows train.parquet parquet",
        "model library/tiny - json", "model library/tiny sha256:aa gguf",
        "package @modelcontextprotocol/sdk - -"}},
      {"frameworks",
       {"2718 marimo admin", "7862 gradio 5.33.0", "8028 jupyterhub 5.3.0", "8029 chainlit",
        "8502 streamlit"}},
      {"gateways",
       {"3001 one-api v0.6.10 closed", "3002 new-api v0.8.1", "3003 tensorzero 2026.1",
        "3004 firecrawl", "4000 litellm 1.72.0 closed", "8016 bifrost", "8017 envoy-ai-gateway",
        "8018 kong-ai-gateway", "8585 helicone", "8787 portkey-gateway closed", "11235 crawl4ai"}},
      {"inference-more",
       {"1337 jan", "2242 aphrodite 0.6.7", "4891 gpt4all", "5001 koboldcpp 1.93",
        "5002 tabbyapi closed", "8009 nim 1.3.3", "8010 tensorrt-llm", "8011 lemonade",
        "8012 mlx-lm", "8013 torchserve admin", "8014 mlserver 1.6.1", "8015 bentoml",
        "8321 llama-stack 0.2.9", "8501 tensorflow-serving 123", "9997 xinference",
        "12434 docker-model-runner", "21001 fastchat", "23333 lmdeploy"}},
      {"inference",
       {"1234 lm-studio", "5000 text-generation-webui", "8000 triton 2.51.0 admin",
        "8001 vllm 0.9.1", "8080 llama-cpp b5500-1a2b3c", "8081 localai admin", "8082 tgi 3.0.1",
        "8083 tei 1.6.0", "30000 sglang 0.4.7"}},
      {"jupyter", {"8888 jupyter 6.4.12", "8889 jupyter 6.4.12 closed"}},
      {"mcp", {"3000 mcp-server 1.2.0"}},
      {"media-and-code",
       {"7860 stable-diffusion-webui", "7865 fooocus", "8008 refact", "8030 speaches",
        "8031 tabby v0.29.0", "8188 comfyui 0.3.40", "9000 whisper-asr", "9090 invokeai 5.12.0",
        "9880 gpt-sovits"}},
      {"pages",
       {"3005 open-webui 0.6.13 closed", "3006 anythingllm", "3007 nextchat", "3080 librechat",
        "3210 lobechat closed", "8019 sillytavern 1.13.0", "8020 private-gpt", "8888 mem0",
        "9380 ragflow v0.19.0", "9621 lightrag 1.3.7"}},
      {"platforms",
       {"3010 langfuse 3.63.0 closed", "5003 mlflow", "6006 tensorboard 2.19.0",
        "6007 phoenix 10.0.0", "6566 feast", "8032 kubeflow", "8033 label-studio 1.19.0",
        "8265 ray 2.46.0 admin"}},
      {"vector-databases",
       {"5080 pinecone-local", "6333 qdrant 1.14.1", "8025 weaviate 1.30.0", "8026 chroma",
        "8027 vespa", "8882 marqo 2.18.0", "9200 elasticsearch-vectors",
        "9201 opensearch-vectors 2.19.1", "19530 milvus"}},
  };
  return all;
}

TEST_CASE("Every self-hosted product is told at its port, and no other") {
  const auto catalogue = identify::Catalogue::load("signatures");
  const auto api = identify::ApiKnowledge::load("signatures");
  REQUIRE(catalogue);
  REQUIRE(api);
  for (const Scenario& each : scenarios()) {
    for (const unsigned workers : {1U, 4U}) {
      INFO(each.capture << ", workers: " << workers);
      Told told;
      ReplayOptions options;
      options.inputs = {"pcaps/self-hosted/" + std::string{each.capture} + ".pcap"};
      options.workers = workers;
      options.api = &*api;
      std::vector<observation::Sink*> sinks{&told};
      REQUIRE(replay(options, *catalogue, sinks, {}));
      CHECK(told.assets == each.assets);
      CHECK(told.artifacts == each.artifacts);
    }
  }
}

}  // namespace
}  // namespace gnomon::sensor
