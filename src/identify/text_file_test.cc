#include "text_file.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "test_signatures.h"

namespace gnomon::identify {
namespace {

TEST_CASE("files below a folder come as their paths compare, folder by folder", "[signatures]") {
  const Folder folder;
  for (const char* name : {"a/z.yaml", "a-b/x.yaml", "a.yaml", "a/b/c.yaml", "A/x.yaml",
                           "\xc3\xa9/x.yaml", ".hidden/x.yaml", "a/.x.yaml"})
    folder.write(std::string{"order/"} + name, "");
  const auto files = yaml_files_below(folder.path() / "order");
  REQUIRE(files);
  std::vector<fs::path> sorted = *files;
  std::sort(sorted.begin(), sorted.end());
  CHECK(*files == sorted);
  REQUIRE(files->size() == 6);
  CHECK((*files)[1].lexically_relative(folder.path() / "order") == "a/b/c.yaml");
  CHECK((*files)[3].lexically_relative(folder.path() / "order") == "a-b/x.yaml");
}

}  // namespace
}  // namespace gnomon::identify
