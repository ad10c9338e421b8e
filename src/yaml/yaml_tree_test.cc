#include "gnomon/yaml/yaml_tree.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "gnomon/yaml/yaml_cache.h"

namespace gnomon {
namespace {

TEST_CASE("a document is read as a tree with the lines of its keys and values") {
  YamlNode root;
  REQUIRE_FALSE(
      read_yaml("# of a file\nname: no\nlist:\n  - 2026\n  - 'a: b'\nempty:\nmap: {a: ~}\n", root));
  REQUIRE(root.is_map());
  REQUIRE(root.members.size() == 4);
  REQUIRE(root.find("name") != nullptr);
  CHECK(root.find("name")->text == "no");
  const YamlNode& list = *root.find("list");
  REQUIRE(list.is_list());
  CHECK(list.key_line == 3);
  CHECK(list.line == 4);
  REQUIRE(list.items.size() == 2);
  CHECK(list.items[0].text == "2026");
  CHECK(list.items[1].text == "a: b");
  CHECK(list.items[1].line == 5);
  CHECK(root.find("empty")->is_text());
  CHECK(root.find("empty")->text.empty());
  CHECK(root.find("map")->find("a")->text == "~");
  CHECK(root.find("a") == nullptr);
}

TEST_CASE("what is no such document is told with its line") {
  struct Row {
    std::string text;
    std::size_t line;
    std::string what;
  };
  const std::string deep(kYamlDepthMax + 2, '[');
  std::string many = "k0: &k0 [1, 2, 3, 4, 5, 6, 7, 8]\n";
  for (const char n : std::string{"123456789"}) {
    const std::string before = std::string{" *k"} + static_cast<char>(n - 1) + ",";
    many += std::string{"k"} + n + ": &k" + n + " [";
    for (int i = 0; i < 8; ++i) many += before;
    many += "]\n";
  }
  const Row row = GENERATE_COPY(values<Row>({
      {"", 1, "one document with something in it is wanted"},
      {"# nothing\n", 1, "one document with something in it is wanted"},
      {"a: 1\n---\nb: 2\n", 2, "one document with something in it is wanted"},
      {"a: 1\nb: 2\na: 3\n", 3, "'a' is there twice"},
      {"a: 1\nb: *x\n", 2, "stands for nothing before it"},
      {"a: &x [1, *x]\n", 1, "stands for nothing before it"},
      {many, 6, "its aliases stand for too much"},
      {"a: !!int 1\n", 1, "uses an anchor, an alias or a tag: write the value out"},
      {"? [a]\n: b\n", 1, "a key must be text"},
      {deep + std::string(deep.size(), ']'), 1, "is nested too deep"},
      {"a: 1\nb: 'open\n", 3, "is not YAML"},
      {"a: \xff\n", 1, "is not YAML"},
      {"a:" + std::string(kYamlBytesMax, ' '), 1, "is larger than 4 MiB"},
  }));
  CAPTURE(row.text.substr(0, 40));
  YamlNode root;
  const auto fault = read_yaml(row.text, root);
  REQUIRE(fault);
  CHECK(fault->line == row.line);
  CHECK(fault->what.substr(0, row.what.size()) == row.what);
  const auto read = read_yaml(row.text);
  REQUIRE_FALSE(read);
  CHECK(read.error().message == "line " + std::to_string(row.line) + ": " + fault->what);
}

TEST_CASE("nesting up to the limit is read") {
  const std::string text =
      std::string(kYamlDepthMax + 1, '[') + std::string(kYamlDepthMax + 1, ']');
  CHECK(read_yaml(text));
}

TEST_CASE("an alias is a copy of what its anchor names, last, and stands where it stands") {
  const auto root = read_yaml("a: &x {p: 1}\nb:\n  - *x\nc: &x two\nd: *x\n");
  REQUIRE(root);
  const YamlNode& copy = root->find("b")->items.at(0);
  CHECK(copy.line == 3);
  REQUIRE(copy.find("p") != nullptr);
  CHECK(copy.find("p")->text == "1");
  CHECK(copy.find("p")->line == 1);
  CHECK(root->find("d")->text == "two");
  CHECK(root->find("d")->key_line == 5);
}

TEST_CASE("a tree that was read before comes out of the cache, and is the same") {
  const auto folder =
      std::filesystem::temp_directory_path() / ("gnomon-yaml-tree-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  const auto text_of = [](int i) { return "key" + std::to_string(i) + ": [a, 'b']\n"; };
  {
    YamlCache cache{folder, "test"};
    for (int i = 0; i < 20; ++i) REQUIRE(read_yaml(text_of(i), &cache));
    cache.save();
  }
  REQUIRE(std::filesystem::exists(folder / "signatures-test.events"));
  YamlCache cache{folder, "test"};
  for (int i = 0; i < 20; ++i) {
    const auto root = read_yaml(text_of(i), &cache);
    REQUIRE(root);
    const YamlNode* list = root->find("key" + std::to_string(i));
    REQUIRE(list != nullptr);
    CHECK(list->items.at(1).text == "b");
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace gnomon
