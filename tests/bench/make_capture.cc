// gnomon_make_capture: big captures for speed tests, made from small ones. See README.md.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string_view>

#include "recipes.h"

namespace gnomon::bench {
namespace {

constexpr int kFailed = 1;
constexpr int kMisused = 2;

struct Recipe {
  std::string_view name;
  std::string_view help;
  Result<Delivery> (*make)(const Seeds&, const Order&);
};

constexpr Recipe kRecipes[] = {
    {"mix", "whole captures, replicated", make_mix},
    {"bulk", "TLS and QUIC connections, made longer", make_bulk},
    {"short", "single short flows, replicated", make_short},
};

struct Setting {
  std::string_view flag;
  std::string_view help;
  std::uint64_t Order::*value;
  std::uint64_t least, most;
};

// clang-format off
constexpr Setting kSettings[] = {
    {"--megabytes",    "size of the result (mix, bulk)",                 &Order::megabytes,      1, 1'000'000},
    {"--flows",        "flows of the result (short)",                    &Order::flows,          1, 16'000'000},
    {"--window",       "seconds within which all starts (0: as usual)",  &Order::window_seconds, 0, 86'400},
    {"--data-packets", "mean data packets per connection (bulk)",        &Order::data_packets,   1, 20'000},
    {"--flow-packets", "packets of the longest flow that serves (short)", &Order::flow_packets,  1, 1'000},
    {"--seed",         "of the random numbers",                          &Order::random_seed,    0, UINT64_MAX},
};
// clang-format on

void print_help(std::FILE* out) {
  std::fprintf(out, "usage: gnomon_make_capture RECIPE --output FILE [SETTING N]... SEED...\n\n");
  std::fprintf(out, "SEED is a capture (pcap, pcapng) or a folder of captures. Recipes:\n");
  for (const Recipe& recipe : kRecipes)
    std::fprintf(out, "  %-15s %s\n", recipe.name.data(), recipe.help.data());
  std::fprintf(out, "Settings:\n");
  const Order usual;
  for (const Setting& setting : kSettings) {
    std::fprintf(out, "  %-15s %s [%llu]\n", setting.flag.data(), setting.help.data(),
                 static_cast<unsigned long long>(usual.*setting.value));
  }
}

Result<Order> parse(int count, char** arguments) {
  Order order;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (!argument.starts_with("--")) {
      if (order.recipe.empty()) {
        order.recipe = argument;
      } else {
        order.seeds.emplace_back(argument);
      }
      continue;
    }
    if (i + 1 == count) return Error{"needs a value"}.in(argument);
    const std::string_view text = arguments[++i];
    if (argument == "--output") {
      order.output = text;
      continue;
    }
    const Setting* setting = nullptr;
    for (const Setting& candidate : kSettings)
      if (candidate.flag == argument) setting = &candidate;
    if (setting == nullptr) return Error{"no such setting"}.in(argument);
    std::uint64_t& value = order.*setting->value;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size() || value < setting->least ||
        value > setting->most) {
      return Error{"needs a number from " + std::to_string(setting->least) + " to " +
                   std::to_string(setting->most)}
          .in(argument);
    }
  }
  if (order.recipe.empty()) return Error{"no recipe given"};
  if (order.output.empty()) return Error{"no --output given"};
  if (order.seeds.empty()) return Error{"no seeds given"};
  return order;
}

// Beside the capture, for tests/bench/replay, which would have to count otherwise.
bool describe(const Order& order, const Delivery& delivery) {
  std::ofstream out{order.output.string() + ".json"};
  out << "{\"recipe\": \"" << order.recipe << "\", \"random_seed\": " << order.random_seed
      << ", \"packets\": " << delivery.packets << ", \"file_bytes\": " << delivery.file_bytes
      << ", \"frame_bytes\": " << delivery.frame_bytes << ", \"flows\": " << delivery.flows
      << "}\n";
  out.close();
  return !out.fail();
}

int run(const Order& order) {
  const Recipe* recipe = nullptr;
  for (const Recipe& candidate : kRecipes)
    if (candidate.name == order.recipe) recipe = &candidate;
  if (recipe == nullptr) {
    std::fprintf(stderr, "gnomon_make_capture: no recipe '%s'\n", order.recipe.c_str());
    return kMisused;
  }
  auto seeds = load_seeds(order.seeds);
  if (!seeds) {
    std::fprintf(stderr, "gnomon_make_capture: %s\n", seeds.error().message.c_str());
    return kFailed;
  }
  for (const std::string& skipped : seeds->skipped)
    std::fprintf(stderr, "skipped %s\n", skipped.c_str());
  auto delivery = recipe->make(*seeds, order);
  if (!delivery) {
    std::fprintf(stderr, "gnomon_make_capture: %s\n", delivery.error().message.c_str());
    return kFailed;
  }
  if (!describe(order, *delivery)) {
    std::fprintf(stderr, "gnomon_make_capture: %s.json: could not be written\n",
                 order.output.c_str());
    return kFailed;
  }
  std::printf("%s: %zu seeds, %llu packets, %llu bytes, %llu flows\n", order.output.c_str(),
              seeds->captures.size(), static_cast<unsigned long long>(delivery->packets),
              static_cast<unsigned long long>(delivery->file_bytes),
              static_cast<unsigned long long>(delivery->flows));
  return 0;
}

}  // namespace
}  // namespace gnomon::bench

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--help") == 0) {
    gnomon::bench::print_help(stdout);
    return 0;
  }
  auto order = gnomon::bench::parse(count, arguments);
  if (!order) {
    std::fprintf(stderr, "gnomon_make_capture: %s\n\n", order.error().message.c_str());
    gnomon::bench::print_help(stderr);
    return gnomon::bench::kMisused;
  }
  return gnomon::bench::run(*order);
}
