#include "package_name.h"

#include <catch2/catch.hpp>

namespace gnomon::identify {
namespace {

TEST_CASE("The names of packages' files say name and version, or nothing", "[package]") {
  struct Row {
    const char* file;
    const char* known;
    const char* name;
    const char* version;
  };
  const auto row = GENERATE(values<Row>({
      {"openai-1.30.1-py3-none-any.whl", "", "openai", "1.30.1"},
      {"llama_index_core-0.12.0.post1-py3-none-any.whl", "", "llama-index-core", "0.12.0.post1"},
      {"torch-2.5.1-1-cp312-cp312-manylinux1_x86_64.whl", "", "torch", "2.5.1"},
      {"vllm-0.9.1-cp38-abi3-linux_x86_64.whl.metadata", "", "vllm", "0.9.1"},
      {"Sentence.Transformers-3.0.tar.gz", "", "sentence-transformers", "3.0"},
      {"llama-cpp-python-0.3.2.tar.gz", "", "llama-cpp-python", "0.3.2"},
      {"sdk-0.60.0.tgz", "@anthropic-ai/sdk", "sdk", "0.60.0"},
      {"sdk-1.0.0-beta.1.tgz", "@modelcontextprotocol%2fsdk", "sdk", "1.0.0-beta.1"},
      {"mcp-2-go-1.0.tgz", "mcp-2-go", "mcp-2-go", "1.0"},
      {"async-openai-0.27.0.crate", "async-openai", "async-openai", "0.27.0"},
      {"pytorch-2.5.1-py3.12_cuda12.4_0.tar.bz2", "", "pytorch", "2.5.1"},
      {"llama-cpp-python-0.3.2-py312h1_0.conda", "", "llama-cpp-python", "0.3.2"},
      // Nothing, or no more than stands there.
      {"", "", "", ""},
      {".whl", "", "", ""},
      {"openai.whl", "", "", ""},
      {"openai-1.0.whl", "", "", ""},
      {"-1-2-3-4.whl", "", "", ""},
      {"-1.conda", "", "", ""},
      {"a-1.conda", "", "", ""},
      {"-.tar.gz", "", "", ""},
      {"openai-.tar.gz", "", "", ""},
      {"openai-latest.tar.gz", "", "", ""},
      {"other-1.0.tgz", "@anthropic-ai/sdk", "", ""},
      {"sdk1.0.tgz", "@anthropic-ai/sdk", "", ""},
      {"sdk-.tgz", "@anthropic-ai/sdk", "", ""},
      {"sdk.tgz", "a/sdk", "", ""},
      {"readme.md", "", "", ""},
  }));
  INFO(row.file);
  const PackageName package = package_name(row.file, row.known);
  std::string room = "left from before";
  CHECK(canonical_package(package, room) == row.name);
  CHECK(package.version == row.version);
}

TEST_CASE("Names that no Python package has stay as they are", "[package]") {
  std::string room;
  CHECK(canonical_package({"a%2fb", "1", true}, room) == "a%2fb");
  CHECK(canonical_package({"a__b.-c", "1", true}, room) == "a-b-c");
  CHECK(canonical_package({"a__B", "1", false}, room) == "a__B");
}

}  // namespace
}  // namespace gnomon::identify
