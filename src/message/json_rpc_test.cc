#include "gnomon/message/json_rpc.h"

#include <catch2/catch.hpp>
#include <string>

using namespace gnomon::message;

namespace {

struct Log final : JsonRpcMessages {
  std::string text;
  void on_json_rpc(const JsonRpcMessage& message) override {
    using Kind = JsonRpcMessage::Kind;
    switch (message.kind) {
      case Kind::kRequest:
        text += "ask ";
        break;
      case Kind::kNotification:
        text += "tell ";
        break;
      case Kind::kResult:
        text += "result ";
        break;
      case Kind::kError:
        text += "error " + std::to_string(message.error_code) + ' ';
        break;
    }
    text += std::string{message.method} + '#' + std::string{message.id};
    if (!message.name.empty()) text += '(' + std::string{message.name} + ')';
    if (message.batch) text += '*';
    text += message.complete ? ";" : "!;";
  }
};

struct Told {
  std::string text;
  std::uint64_t invalid = 0;
};

Told told(std::string_view bytes, std::size_t size) {
  JsonRpcReader reader;
  Log log;
  for (std::size_t at = 0; at < bytes.size(); at += size)
    reader.feed(std::string{bytes.substr(at, size)}, log);
  reader.finish(log);
  return {log.text, reader.invalid()};
}

void check(std::string_view bytes, const std::string& expected, std::uint64_t invalid = 0) {
  for (std::size_t size = 1; size <= bytes.size() + 1; ++size) {
    INFO("in parts of " << size << ": " << bytes);
    const Told got = told(bytes, size);
    CHECK(got.text == expected);
    CHECK(got.invalid == invalid);
  }
}

}  // namespace

TEST_CASE("messages of JSON-RPC are told by what they are") {
  check(R"({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"read_file","arguments":{"name":"x"}}})",
        "ask tools/call#3(read_file);");
  check(R"({"method":"tools/list","params":{},"jsonrpc":"2.0","id":"a-1"})", "ask tools/list#a-1;");
  check(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", "tell notifications/initialized#;");
  check(R"({"jsonrpc":"2.0","id":3,"result":{"method":"x","id":9}})", "result #3;");
  check(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no","data":{"code":1}}})",
        "error -32700 #null;");
  check(R"({"jsonrpc":"2.0","id":1,"method":"ping"})" "\n" R"({"jsonrpc":"2.0","id":1,"result":{}})",
        "ask ping#1;result #1;");
  check(R"({"id":1,"method":"a\/\u0062","jsonrpc":"2.0","extra":[{"method":"no"}]})", "ask a/b#1;");
}

TEST_CASE("batches are told one by one") {
  check(R"([{"jsonrpc":"2.0","method":"a","params":{"name":"n"},"id":1},{"jsonrpc":"2.0","method":"b"}])",
        "ask a#1(n)*;tell b#*;");
  check(R"([{"jsonrpc":"2.0","id":1,"result":[1,{"name":2}]},{"jsonrpc":"2.0","id":2,"error":{"code":5}}])",
        "result #1*;error 5 #2*;");
  // Of one message nothing is left in the next.
  check(R"([{"jsonrpc":"2.0","method":"a","id":1},{"method":"b","id":2},3,{"jsonrpc":"2.0","id":2}])",
        "ask a#1*;", 2);
}

TEST_CASE("what resembles a message is none") {
  check(R"({"id":1,"method":"a"})", "", 1);
  check(R"({"jsonrpc":"1.0","id":1,"method":"a"})", "", 1);
  check(R"({"jsonrpc":2.0,"id":1,"method":"a"})", "", 1);
  check(R"({"jsonrpc":"2.0","id":1,"method":"a","result":1})", "", 1);
  check(R"({"jsonrpc":"2.0","id":1,"result":1,"error":{}})", "", 1);
  check(R"({"jsonrpc":"2.0","result":1})", "", 1);
  check(R"({"jsonrpc":"2.0","id":1})", "", 1);
  check(R"({"jsonrpc":"2.0","id":1,"method":7})", "", 1);
  check(R"({"jsonrpc":"2.0","id":1,"method":""})", "", 1);
  check(R"({"id":"chatcmpl-1","object":"chat.completion","choices":[]})", "", 1);
}

TEST_CASE("what is no JSON-RPC is let go of at its first key") {
  for (const std::string_view other :
       {R"({"model":"m","jsonrpc":"2.0","id":1,"method":"a"})", R"([["jsonrpc"]])",
        R"(["jsonrpc","2.0"])", R"("jsonrpc")", "7", "[1,2]", "", "{}", "[]", "plain text",
        R"([{"model":"m"},{"jsonrpc":"2.0","id":1,"method":"a"}])"})
    check(other, "");
  // The next document is looked at again.
  JsonRpcReader reader;
  Log log;
  reader.feed(R"({"model":"m"})", log);
  reader.finish(log);
  reader.feed(R"({"jsonrpc":"2.0","id":1,"method":"a"})", log);
  CHECK(log.text == "ask a#1;");
}

TEST_CASE("a message that the end cuts is incomplete") {
  const std::string whole = R"({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"n"}})";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const std::string text = told(whole.substr(0, cut), 5).text;
    CHECK((text.empty() || text.ends_with("!;")));
  }
  CHECK(told(whole.substr(0, whole.size() - 1), 5).text == "ask tools/call#3(n)!;");
}

TEST_CASE("texts are kept to a limit, depth costs nothing") {
  const std::string longest(JsonRpcReader::kTextBytesMax, 'm');
  check(R"({"jsonrpc":"2.0","id":")" + longest + R"(i","method":")" + longest + R"(m"})",
        "ask " + longest + '#' + longest + ';');
  std::string deep = R"({"jsonrpc":"2.0","id":1,"params":)";
  for (int i = 0; i < 20'000; ++i) deep += R"({"name":[)";
  CHECK(told(deep + R"("x")", 1000).text.empty());
}
