// Any bytes as an exchange: first the head, a field a line, an empty line, the request's body, a
// zero byte, the response's body. A field "host" names the server, "location" makes it a redirect.
// What is told must be in what came, and the same however it was cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/identify/api_reader.h"

namespace {

using namespace gnomon;
using namespace gnomon::identify;

const ApiKnowledge& knowledge() {
  static const ApiKnowledge shipped = [] {
    for (const char* folder : {"signatures", "../signatures", "../../signatures"})
      if (auto loaded = ApiKnowledge::load(folder); loaded && loaded->product_count() > 0)
        return std::move(*loaded);
    std::abort();
  }();
  return shipped;
}

std::string_view take(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

std::string told(ApiReader& reader, ApiScan& scan, ApiExchange exchange, std::string_view request,
                 std::string_view response, std::size_t piece) {
  scan.begin(knowledge());
  for (std::size_t at = 0; at < request.size(); at += piece)
    scan.request(request.substr(at, piece), Time{});
  for (std::size_t at = 0; at < response.size(); at += piece)
    scan.response(response.substr(at, piece), Time{});
  exchange.bodies = &scan;
  const ApiFacts& facts = reader.read(exchange);
  if (scan.memory_bytes() > ApiScan::kBytesMax) std::abort();
  std::string text{facts.family};
  for (const std::string_view each :
       {facts.operation, facts.model_requested, facts.model_returned, facts.artifact_kind,
        facts.repository, facts.file, facts.revision, facts.format, facts.moved_to})
    text.append("|").append(each);
  text += std::to_string(facts.tokens_in) + "," + std::to_string(facts.tokens_out);
  for (const auto& list : {facts.tools_offered, facts.tools_called}) {
    if (list.size() > 64) std::abort();
    for (const std::string_view each : list) text.append("|").append(each);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  ApiExchange exchange;
  std::string_view line = take(rest, '\n');
  exchange.method = take(line, ' ');
  exchange.target = line;
  exchange.host = "server.example";
  exchange.status = 200;
  std::vector<ApiField> fields;
  while (!rest.empty()) {
    line = take(rest, '\n');
    if (line.empty()) break;
    const std::string_view name = take(line, ':');
    fields.push_back({name, line});
    if (name == "host") exchange.host = line;
    if (name == "location") exchange.status = 302;
  }
  exchange.request_fields = fields;
  exchange.response_fields = fields;
  const std::string_view request = take(rest, '\0');

  static ApiReader reader{knowledge()};
  static ApiScan scan;
  const std::string whole = told(reader, scan, exchange, request, rest, size + 1);
  if (whole != told(reader, scan, exchange, request, rest, 3)) std::abort();
  return 0;
}
