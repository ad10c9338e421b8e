#include <catch2/catch.hpp>
#include <string>

#include "api_test_support.h"
#include "gnomon/identify/redirect_memory.h"

namespace gnomon::identify {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kGguf = "GGUF" + std::string{"\x03\0\0\0", 4} + std::string(80, '\0');
const std::string kGzip = std::string{"\x1f\x8b\x08\0\0\0\0\0", 8} + std::string(80, 'z');

struct Told {
  std::string kind, repository, file, revision, format, fetched_from;
  bool stands = false;
};

// One client's exchanges, as the collector joins them.
class Client {
 public:
  Told get(const std::string& host, const std::string& target, const std::string& body,
           const char* method = "GET") {
    return talk({.method = method, .target = target, .response = body, .host = host});
  }
  Told part(const std::string& host, const std::string& target, const std::string& body) {
    return talk({.method = "GET", .target = target, .response = body, .status = 206, .host = host});
  }
  Told sent(const std::string& host, const std::string& target, const std::string& location,
            const char* method = "GET") {
    return talk({.method = method,
                 .target = target,
                 .response_fields = {{"location", location}},
                 .status = 307,
                 .host = host});
  }

 private:
  Told talk(const Talk& talk) {
    const ApiFacts& facts = read_talk(reader_, scan_, talk);
    if (facts.artifact_kind.empty()) return {};
    observation::ArtifactRecord record;
    record.host = talk.host;
    record.kind = facts.artifact_kind;
    record.repository = facts.repository;
    record.file = facts.file;
    record.revision = facts.revision;
    record.format = facts.format;
    if (facts.repository.empty()) record.target = talk.target;
    record.moved_to = facts.moved_to;
    record.asked_only = facts.asked_only;
    record.only_joined = facts.only_joined;
    record.only_models = facts.only_models;
    record.model_format = facts.model_format;
    memory_.name(record);
    memory_.remember(record);
    return {std::string{record.kind},      std::string{record.repository},
            std::string{record.file},      std::string{record.revision},
            std::string{record.format},    std::string{record.fetched_from},
            RedirectMemory::stands(record)};
  }

  ApiReader reader_{shipped()};
  ApiScan scan_;
  RedirectMemory memory_;
};

struct Storage {
  const char* hub;
  const char* path;
  const char* host;
  const char* stored;
};

TEST_CASE("What is fetched from hubs and registries") {
  ApiReader reader{shipped()};
  ApiScan scan;
  struct Fetched {
    const char* host;
    const char* target;
    std::string body;
    std::uint16_t status;
    const char* kind;
    const char* repository;
    const char* file;
    const char* revision;
    const char* format;
    bool unsafe;
  };
  const std::string gguf = std::string{"GGUF\x03\0\0\0\1\0\0\0", 12} + std::string(80, 'x');
  const std::string tensors =
      std::string{"\x10\x01\0\0\0\0\0\0{\"__metadata__\"", 23} + std::string(64, ' ');
  const std::string pickle = std::string{"\x80\x02}q\0X\4\0\0\0", 10} + std::string(80, 'q');
  // A local file header (APPNOTE 4.3.7): 30 bytes, of which 26 and 27 are the name's length.
  const std::string zip = std::string{"PK\x03\x04\x14\0\0\0\0\0", 10} + std::string(16, '\0') +
                          std::string{"\x08\0\0\0top.json", 12} + std::string(40, '{');
  const auto torch = [](const std::string& name) {
    const std::string member = name + "/data.pkl";
    std::string bytes = std::string{"PK\x03\x04\0\0\x08\x08\0\0", 10} + std::string(16, '\0');
    bytes += static_cast<char>(member.size());
    return bytes + std::string(3, '\0') + member + std::string(80, 'q');
  };
  const std::vector<Fetched> rows = {
      {"huggingface.co", "/org/name/resolve/main/model.safetensors", tensors, 200, "model",
       "org/name", "model.safetensors", "main", "safetensors", false},
      {"huggingface.co", "/org/name/resolve/main/sub/pytorch_model.bin", "", 302, "model",
       "org/name", "sub/pytorch_model.bin", "main", "pytorch-zip", true},
      {"huggingface.co", "/datasets/org/d/resolve/v1/a.pkl", pickle, 200, "dataset", "org/d",
       "a.pkl", "v1", "pickle", true},
      // The first bytes are believed, not the name.
      {"huggingface.co", "/org/name/resolve/main/model.safetensors", pickle, 200, "model",
       "org/name", "model.safetensors", "main", "pickle", true},
      {"registry.ollama.ai", "/v2/library/llama3/manifests/8b", "{}", 200, "model",
       "library/llama3", "", "8b", "", false},
      {"cdn-lfs-us-1.hf.co",
       "/repos/aa/bb/cc?response-content-disposition=attachment%3B+filename%3D%22m.gguf%22", gguf,
       200, "model", "", "m.gguf", "", "gguf", false},
      {"files.corp.example", "/mirror/tiny.bin", gguf, 200, "model", "", "tiny.bin", "", "gguf",
       false},
      {"registry.npmjs.org", "/@anthropic-ai%2fsdk", "{}", 200, "package", "@anthropic-ai/sdk", "",
       "", "", false},
      {"pypi.org", "/simple/langchain/", "<html>", 200, "package", "langchain", "", "", "", false},
      {"files.pythonhosted.org", "/packages/aa/bb/cc/llama_index_core-0.12.0-py3-none-any.whl", zip,
       200, "package", "llama-index-core", "llama_index_core-0.12.0-py3-none-any.whl", "0.12.0",
       "wheel", false},
      {"files.pythonhosted.org", "/packages/aa/bb/cc/openai-1.30.1.tar.gz", "\x1f\x8b\x08", 206,
       "package", "openai", "openai-1.30.1.tar.gz", "1.30.1", "tar", false},
      {"registry.npmjs.org", "/@anthropic-ai/sdk/-/sdk-0.60.0.tgz", "\x1f\x8b\x08", 200, "package",
       "@anthropic-ai/sdk", "sdk-0.60.0.tgz", "0.60.0", "tar", false},
      {"conda.anaconda.org", "/pytorch/linux-64/pytorch-2.5.1-py3.12_0.tar.bz2", "BZh9", 200,
       "package", "pytorch", "pytorch-2.5.1-py3.12_0.tar.bz2", "2.5.1", "conda-package", false},
      {"static.crates.io", "/crates/async-openai/0.27.0/download", "\x1f\x8b", 200, "package",
       "async-openai", "", "0.27.0", "", false},
      {"index.crates.io", "/as/yn/async-openai", "{}", 200, "package", "async-openai", "", "", "",
       false},
      {"ghcr.io", "/v2/berriai/litellm/manifests/main", "{}", 200, "container", "berriai/litellm",
       "", "main", "", false},
      {"registry-1.docker.io", "/v2/ai/smollm2/manifests/latest", "{}", 200, "model", "ai/smollm2",
       "", "latest", "", false},
      {"registry.modelcontextprotocol.io", "/v0/servers/io.example%2Ffiles", "{}", 200,
       "mcp-server", "io.example/files", "", "", "", false},
      // Data sets, with an owner and without, from the hub and from the storage behind it.
      {"huggingface.co", "/datasets/squad/resolve/main/train.json", "[{}]", 200, "dataset", "squad",
       "train.json", "main", "json", false},
      {"huggingface.co", "/datasets/org/d/raw/main/a.csv", "a,b", 200, "dataset", "org/d", "a.csv",
       "main", "csv", false},
      {"huggingface.co", "/api/datasets/org/d/xet-read-token/abc", "{}", 200, "dataset", "org/d",
       "", "abc", "", false},
      {"cdn-lfs.huggingface.co", "/datasets/squad/0123", "x", 200, "dataset", "", "", "", "",
       false},
      {"cas-bridge.xethub.hf.co",
       "/xet-bridge-us/1/2?response-content-disposition=inline%3B+"
       "filename%3D%22train.parquet%22",
       "PAR1\x15", 200, "dataset", "", "train.parquet", "", "parquet", false},
      {"cas-bridge.xethub.hf.co",
       "/xet-bridge-us/1/2?response-content-disposition=inline%3B+"
       "filename%3D%22model.onnx%22",
       "\x08\x07", 200, "model", "", "model.onnx", "", "onnx", false},
      {"huggingface.co", "/gpt2/resolve/main/model.safetensors", tensors, 200, "model", "gpt2",
       "model.safetensors", "main", "safetensors", false},
      // An archive of PyTorch is told by its first member, whatever both are called.
      {"files.corp.example", "/mirror/weights", torch("archive"), 200, "model", "", "weights", "",
       "pytorch-zip", true},
      {"files.corp.example", "/mirror/a.dat", torch("a"), 200, "model", "", "a.dat", "",
       "pytorch-zip", true},
      {"files.corp.example", "/mirror/b.dat", torch("a-name-of-29-bytes-here-12345"), 200, "model",
       "", "b.dat", "", "pytorch-zip", true},
      {"huggingface.co", "/org/name/resolve/main/model.safetensors", torch("model"), 200, "model",
       "org/name", "model.safetensors", "main", "pytorch-zip", true},
      // data.pkl comes later: what loads the file finds it all the same.
      {"huggingface.co", "/org/name/resolve/main/pytorch_model.bin", zip, 200, "model", "org/name",
       "pytorch_model.bin", "main", "pytorch-zip", true},
      {"huggingface.co", "/org/name/resolve/main/adapter_model.bin", zip, 200, "model", "org/name",
       "adapter_model.bin", "main", "pytorch-zip", true},
      {"huggingface.co", "/org/name/resolve/main/v1.ckpt", zip, 200, "model", "org/name", "v1.ckpt",
       "main", "pytorch-zip", true},
      {"huggingface.co", "/org/name/resolve/main/v1.zip", zip, 200, "model", "org/name", "v1.zip",
       "main", "zip", false},
      {"huggingface.co", "/org/name/resolve/main/pytorch_model.bin", "", 302, "model", "org/name",
       "pytorch_model.bin", "main", "pytorch-zip", true},
      // A pickle without a frame.
      {"huggingface.co", "/org/name/resolve/main/pytorch_model.bin",
       "\x80\x04"
       "cos\nsystem\n",
       200, "model", "org/name", "pytorch_model.bin", "main", "pickle", true},
      {"huggingface.co", "/org/name/resolve/main/v1.pt", "\x80\x05(cos\nsystem\n", 200, "model",
       "org/name", "v1.pt", "main", "pickle", true},
      // None of ours.
      {"registry.npmjs.org", "/left-pad", "{}", 200, "", "", "", "", "", false},
      {"pypi.org", "/simple/requests/", "<html>", 200, "", "", "", "", "", false},
      {"files.pythonhosted.org", "/packages/aa/bb/cc/requests-2.32.3-py3-none-any.whl", zip, 200,
       "", "", "", "", "", false},
      {"crates.io", "/crates/tokenizers/0.20.0", "<html>", 200, "", "", "", "", "", false},
      {"files.corp.example", "/mirror/c.zip", zip, 200, "", "", "", "", "", false},
      {"files.corp.example", "/mirror/d.zip", torch("x").substr(0, 39), 200, "", "", "", "", "",
       false},
      {"huggingface.co", "/org/name/resolve/main/model.safetensors", "", 404, "", "", "", "", "",
       false},
      {"git.corp.example", "/org/name/resolve/main/readme.md", "text", 200, "", "", "", "", "",
       false},
      {"files.corp.example", "/a/b.pkl", pickle, 200, "", "", "", "", "", false},
      {"files.corp.example", "/model.gguf", "no such thing at all", 200, "", "", "", "", "", false},
  };
  for (const Fetched& each : rows) {
    INFO(each.host << each.target);
    const Talk talk = {.method = "GET",
                       .target = each.target,
                       .response = each.body,
                       .status = each.status,
                       .host = each.host};
    const ApiFacts& facts = read_talk(reader, scan, talk);
    CHECK(facts.artifact_kind == each.kind);
    CHECK(facts.repository == each.repository);
    CHECK(facts.file == each.file);
    CHECK(facts.revision == each.revision);
    CHECK(facts.format == each.format);
    CHECK(facts.unsafe_format == each.unsafe);
  }
}

TEST_CASE(
    "A layer is told when it comes from storage, with the registry that sent the client there") {
  const auto [hub, path, host, stored] = GENERATE(values<Storage>(
      {{"ghcr.io", "/v2/org/models/blobs/", "pkg-containers.githubusercontent.com",
        "/ghcr1/blobs/sha256:aa?se=1&sig=x"},
       {"ghcr.io", "/v2/org/group/models/blobs/", "pkg-containers.githubusercontent.com",
        "/ghcr1/blobs/sha256:aa?se=1&sig=x"},
       {"registry-1.docker.io", "/v2/org/models/blobs/", "production.cloudflare.docker.com",
        "/registry-v2/docker/registry/v2/blobs/sha256/aa/aaaa/data?verify=1"},
       {"registry-1.docker.io", "/v2/org/models/blobs/", "production.cloudfront.docker.com",
        "/registry-v2/docker/registry/v2/blobs/sha256/aa/aaaa/data?Expires=1"},
       {"registry-1.docker.io", "/v2/ai/smollm2/blobs/",
        "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com",
        "/registry-v2/docker/registry/v2/blobs/sha256/aa/aaaa/data?X-Amz-Expires=1"},
       {"quay.io", "/v2/org/models/blobs/", "cdn01.quay.io",
        "/quayio-production-s3/sha256/aa/aaaa?X-Amz-Expires=600"},
       {"registry.ollama.ai", "/v2/library/llama3.2/blobs/", "storage.example", "/a/b?c"}}));
  INFO(hub << path << " → " << host);
  Client client;
  CHECK_FALSE(client.sent(hub, path + kDigest, std::string{"https://"} + host + stored).stands);
  const Told told = client.get(host, stored, kGguf);
  CHECK(told.stands);
  CHECK(told.kind == "model");
  const std::string whole{path};
  CHECK(told.repository == whole.substr(4, whole.size() - 4 - 7));
  CHECK(told.file == kDigest);
  CHECK(told.format == "gguf");
  CHECK(told.fetched_from == host);
}

TEST_CASE("What registries of containers give besides is told for those of AI alone") {
  const std::string stored = "/ghcr1/blobs/sha256:aa?sig=x";
  const std::string location = "https://pkg-containers.githubusercontent.com" + stored;
  const auto told = [&](const char* path, const std::string& body) {
    Client client;
    CHECK_FALSE(client.sent("ghcr.io", path + kDigest, location).stands);
    return client.get("pkg-containers.githubusercontent.com", stored, body);
  };
  CHECK_FALSE(told("/v2/org/shop/blobs/", kGzip).stands);
  CHECK_FALSE(told("/v2/org/shop/blobs/", "{\"architecture\":\"amd64\"}").stands);
  const Told container = told("/v2/ollama/ollama/blobs/", kGzip);
  CHECK(container.stands);
  CHECK(container.kind == "container");
  CHECK(container.repository == "ollama/ollama");
  CHECK(told("/v2/ggml-org/models/blobs/", kGguf).kind == "model");
  // Nothing sent the client there.
  CHECK_FALSE(Client{}.get("pkg-containers.githubusercontent.com", stored, kGzip).stands);
  const Told alone = Client{}.get("pkg-containers.githubusercontent.com", stored, kGguf);
  CHECK(alone.stands);
  CHECK(alone.kind == "model");
  CHECK(alone.repository.empty());
  // Given by the registry itself.
  CHECK(Client{}.get("ghcr.io", "/v2/org/shop/blobs/" + kDigest, kGguf).stands);
  CHECK_FALSE(Client{}.get("ghcr.io", "/v2/org/shop/blobs/" + kDigest, kGzip).stands);
}

TEST_CASE("Parts of a model after the first are the model's too") {
  const std::string stored = "/ghcr1/blobs/sha256:aa?sig=x";
  const char* const host = "pkg-containers.githubusercontent.com";
  Client client;
  client.sent("ghcr.io", "/v2/org/models/blobs/" + kDigest,
              std::string{"https://"} + host + stored);
  CHECK_FALSE(client.part(host, stored, "weights").stands);
  CHECK(client.part(host, stored, kGguf).stands);
  const Told later = client.part(host, stored, "weights");
  CHECK(later.stands);
  CHECK(later.repository == "org/models");
  CHECK(later.format == "gguf");
}

TEST_CASE("A manifest of a model is told from a container's by the types it names") {
  const auto kind = [](const char* host, const char* target, const std::string& body) {
    return Client{}.get(host, target, body).kind;
  };
  const char* const path = "/v2/org/thing/manifests/latest";
  for (
      const char* const model :
      {R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json"}})",
       R"({"config":{"mediaType":"application/vnd.cncf.model.config.v1+json"},"layers":[]})",
       R"({"artifactType":"application/vnd.cncf.model.manifest.v1+json","layers":[]})",
       R"({"config":{"mediaType":"application/vnd.kitops.modelkit.config.v1+json"}})",
       R"({"layers":[{"mediaType":"text/plain"},{"mediaType":"application/vnd.docker.ai.gguf.v3"}]})",
       R"({"layers":[{"mediaType":"application/vnd.ollama.image.model"}]})"}) {
    INFO(model);
    CHECK(kind("ghcr.io", path, model) == "model");
    CHECK(kind("registry-1.docker.io", path, model) == "model");
    CHECK(kind("ghcr.io", "/v2/org/group/thing/manifests/1", model) == "model");
    CHECK(kind("git.corp.example", path, model).empty());
  }
  for (const char* const other :
       {R"({"config":{"mediaType":"application/vnd.oci.image.config.v1+json"},"layers":[]})",
        R"({"config":{"mediaType":"application/vnd.docker.container.image.v1+json"}})",
        R"({"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip"}]})",
        R"({"annotations":{"mediaType":"application/vnd.docker.ai.model.config.v0.1+json"}})", "",
        R"("application/vnd.docker.ai.model.config.v0.1+json")"}) {
    INFO(other);
    CHECK(kind("ghcr.io", path, other).empty());
    CHECK(kind("ghcr.io", "/v2/ollama/ollama/manifests/latest", other) == "container");
  }
  const Told told = Client{}.get(
      "ghcr.io", "/v2/org/group/thing/manifests/q4",
      R"({"config":{"mediaType":"application/vnd.docker.ai.model.config.v0.2+json"}})");
  CHECK(told.repository == "org/group/thing");
  CHECK(told.revision == "q4");
}

TEST_CASE("Of the releases on GitHub, models are told") {
  const auto fetched = [](const std::string& file, const std::string& body,
                          const char* method = "GET") {
    Client client;
    const std::string stored =
        "/github-production-release-asset/47203045/b39303d6?sp=r&rscd=attachment";
    const char* const host = "release-assets.githubusercontent.com";
    client.sent("github.com", "/org/name/releases/download/v1.0/" + file,
                std::string{"https://"} + host + stored, method);
    return client.get(host, stored, body);
  };
  const Told onnx = fetched("detector.onnx", "\x08\x07\x12\x07pytorch");
  CHECK(onnx.stands);
  CHECK(onnx.kind == "model");
  CHECK(onnx.repository == "org/name");
  CHECK(onnx.file == "detector.onnx");
  CHECK(onnx.revision == "v1.0");
  CHECK(onnx.format == "onnx");
  CHECK(onnx.fetched_from == "release-assets.githubusercontent.com");
  CHECK(fetched("weights.bin", kGguf).format == "gguf");
  CHECK(fetched("detector.onnx", "\x08\x07", "HEAD").repository == "org/name");
  CHECK(fetched("scaler.pkl", std::string{"\x80\x04\x95\x10", 4}).format == "pickle");
  for (const char* const other :
       {"tool-linux.tar.gz", "notes.txt", "tool.zip", "data.csv", "a.h5"}) {
    INFO(other);
    CHECK_FALSE(fetched(other, kGzip).stands);
  }
  // The redirect alone: by the name of the file.
  Client client;
  const std::string location = "https://release-assets.githubusercontent.com/x";
  CHECK(client.sent("github.com", "/org/name/releases/download/v1/a.safetensors", location).stands);
  CHECK_FALSE(client.sent("github.com", "/org/name/releases/download/v1/a.exe", location).stands);
  CHECK_FALSE(
      client.sent("github.com", "/org/name/releases/download/v1/a.onnx", location, "HEAD").stands);
  CHECK_FALSE(client.sent("github.com", "/org/name/blob/main/a.onnx", location).stands);
}

TEST_CASE("ModelScope names the file in the path or in the query") {
  Client client;
  const std::string stored = "/prod/lfs-objects/48/52/aa?auth_key=1";
  const std::string location = "https://cdn-lfs-cn-1.modelscope.cn" + stored;
  CHECK(client
            .sent("www.modelscope.cn",
                  "/api/v1/models/Qwen/Qwen3-0.6B/"
                  "repo?Revision=master&FilePath=sub%2Fmodel.safetensors",
                  location)
            .stands);
  const Told told = client.get("cdn-lfs-cn-1.modelscope.cn", stored, "\x08\x07");
  CHECK(told.stands);
  CHECK(told.repository == "Qwen/Qwen3-0.6B");
  CHECK(told.file == "sub/model.safetensors");
  CHECK(told.revision == "master");
  CHECK(told.format == "safetensors");
  const Told whole =
      client.get("modelscope.cn",
                 "/api/v1/models/org/name/repo?FilePathX=no&x&FilePath=a.onnx#FilePath=b", "x");
  CHECK(whole.file == "a.onnx");
  CHECK(whole.revision.empty());
}

TEST_CASE("The name of a file that a redirect gives to its storage is the file's") {
  Client client;
  const Told told =
      client.sent("civitai.com", "/api/download/models/1759168",
                  "https://b2.example/"
                  "x?response-content-disposition=attachment%3B%20filename%3D%22a.safetensors%22");
  CHECK(told.stands);
  CHECK(told.file == "a.safetensors");
  CHECK(told.format == "safetensors");
  CHECK(told.revision == "1759168");
}

}  // namespace
}  // namespace gnomon::identify
