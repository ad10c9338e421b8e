#include "gnomon/inventory/used_apps.h"

#include "test_records.h"

namespace gnomon::inventory {

TEST_CASE("apps in use are those that bytes flowed to and from, each once", "[inventory]") {
  const Scratch scratch;
  CHECK_FALSE(used_apps(scratch.path()));
  {
    auto recorder = Recorder::open(options_for(scratch));
    REQUIRE(recorder);
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.1", 0, 1));
    recorder->on_flow(use_of("chat", "chat.example", "10.0.0.2", 0, 2));
    auto name = use_of("coder", "coder.example", "10.0.0.1", 0, 3);
    name.identity.grade = Grade::kName;
    recorder->on_flow(name);
    REQUIRE(recorder->finish(run_of("aa"), {}));
  }
  const auto apps = used_apps(scratch.path());
  REQUIRE(apps);
  CHECK(*apps == std::vector<std::string>{"chat"});
}

}  // namespace gnomon::inventory
