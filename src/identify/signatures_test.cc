// The signatures as they are shipped: what they say must agree with itself, and name the hosts that
// people know.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "gnomon/identify/catalogue.h"

using gnomon::identify::App;
using gnomon::identify::Catalogue;
using gnomon::identify::Endpoint;
using gnomon::identify::Match;
using gnomon::identify::Problem;
using gnomon::identify::Proof;

namespace {

const Catalogue& shipped() {
  static const Catalogue kCatalogue = [] {
    std::vector<Problem> problems;
    auto loaded = Catalogue::load("signatures", &problems);
    for (const Problem& problem : problems) UNSCOPED_INFO(problem.to_string());
    REQUIRE(loaded);
    return std::move(*loaded);
  }();
  return kCatalogue;
}

// A host that the pattern covers.
std::string host_for(std::string_view pattern) {
  std::string host;
  for (const char c : pattern) host += c == '*' ? std::string{"zz9"} : std::string{c};
  return host;
}

}  // namespace

TEST_CASE("every domain and endpoint of every app leads back to it", "[signatures]") {
  for (const App& app : shipped().apps()) {
    CAPTURE(app.id, app.file, app.line);
    for (const std::string_view domain : app.domains) {
      const Match match = shipped().match(domain);
      CAPTURE(domain);
      // An endpoint of the same name is more particular, but may not be another's.
      REQUIRE((match.app == &app || (match.shared && match.endpoint->app == &app)));
    }
    for (const Endpoint& endpoint : app.endpoints) {
      const Match match = shipped().match(host_for(endpoint.pattern));
      CAPTURE(endpoint.pattern);
      REQUIRE(match.endpoint == &endpoint);
      REQUIRE(match.pattern == endpoint.pattern);
      REQUIRE(match.shared == endpoint.shared);
      REQUIRE((match.app == nullptr) == endpoint.shared);
      REQUIRE_FALSE(endpoint.usage.empty());
    }
  }
}

TEST_CASE("hosts that people know are named", "[signatures]") {
  struct Case {
    const char* host;
    const char* app;
    const char* role;
    const char* usage;
  };
  const auto each = GENERATE(values<Case>({
      {"chatgpt.com", "chatgpt", "web-ui", "web-chat"},
      {"www.chatgpt.com", "chatgpt", "web-ui", "web-chat"},
      {"auth.openai.com", "chatgpt", "auth", "sign-in"},
      {"files.oaiusercontent.com", "chatgpt", "upload", "web-chat"},
      {"sdmntprukwest.oaiusercontent.com", "chatgpt", "upload", "web-chat"},
      {"api.openai.com", "openai-api", "api", "api"},
      {"openai.com", "openai-api", "web-ui", "console"},
      {"claude.ai", "claude", "web-ui", "web-chat"},
      {"api.anthropic.com", "anthropic-api", "api", "api"},
      {"docs.anthropic.com", "anthropic-api", "web-ui", "information"},
      {"gemini.google.com", "gemini", "web-ui", "web-chat"},
      {"generativelanguage.googleapis.com", "google-gemini-api", "api", "api"},
      {"europe-west10-aiplatform.googleapis.com", "google-vertex-ai", "api", "api"},
      {"bedrock-runtime.eu-isoe-west-1.amazonaws.com", "amazon-bedrock", "api", "api"},
      {"myresource.openai.azure.com", "azure-openai", "api", "api"},
      {"copilot.microsoft.com", "microsoft-copilot", "websocket", "web-chat"},
      {"api.githubcopilot.com", "github-copilot", "api", "coding-assistant"},
      {"api2.cursor.sh", "cursor", "api", "coding-assistant"},
      {"huggingface.co", "huggingchat", "model-download", "model-download"},
      {"cdn-lfs-eu-1.hf.co", "huggingchat", "model-download", "model-download"},
      {"registry.ollama.ai", "ollama-registry", "model-download", "model-download"},
      {"mcp.notion.com", "notion-ai", "mcp", "mcp"},
      {"runtime.eu-central-1.kiro.dev", "kiro", "api", "coding-assistant"},
      {"prod.us-east-1.telemetry.desktop.kiro.dev", "kiro", "telemetry", "telemetry"},
      {"agentn.us.api5.cursor.sh", "cursor", "api", "coding-assistant"},
      {"api.us-east.bob.ibm.com", "ibm-bob", "api", "coding-assistant"},
      {"api.dl.watson-orchestrate.ibm.com", "watsonx-orchestrate", "api", "agent"},
      {"gw-xv3qkhhwnh.gateway.bedrock-agentcore.us-west-2.amazonaws.com", "amazon-bedrock", "mcp",
       "mcp"},
      {"jules.googleapis.com", "google-jules", "api", "coding-assistant"},
      {"agent-gateway.livekit.cloud", "livekit-agents", "api", "voice"},
      {"databases.mcp.digitalocean.com", "digitalocean-mcp", "mcp", "mcp"},
      {"mcp.pagerduty.com", "pagerduty-mcp", "mcp", "mcp"},
      {"o33249.ingest.sentry.io", "chatgpt", "telemetry", "telemetry"},
  }));
  CAPTURE(each.host);
  const Match match = shipped().match(each.host);
  REQUIRE(match.app != nullptr);
  CHECK(match.app->id == each.app);
  CHECK(to_string(match.role) == each.role);
  CHECK(match.usage == each.usage);
}

TEST_CASE("ordinary hosts name no app", "[signatures]") {
  const auto* const host = GENERATE(
      as<const char*>{}, "google.com", "www.google.com", "mail.google.com", "drive.google.com",
      "play.google.com", "fonts.googleapis.com", "storage.googleapis.com", "www.googleapis.com",
      "www.gstatic.com", "clients6.google.com", "accounts.google.com", "notgemini.google.com",
      "gemini.google.com.evil.example", "google.com.gemini.example", "amazonaws.com",
      "s3.amazonaws.com", "mybucket.s3.eu-west-1.amazonaws.com", "ec2.us-east-1.amazonaws.com",
      "a.b.bedrock-runtime.us-east-1.amazonaws.com", "bedrock-runtime.amazonaws.com",
      "microsoft.com", "login.microsoftonline.com", "outlook.office.com", "www.bing.com",
      "azure.com", "portal.azure.com", "account.blob.core.windows.net", "github.com",
      "api.github.com", "raw.githubusercontent.com", "objects.githubusercontent.com",
      "www.apple.com", "icloud.com", "facebook.com", "x.com", "twitter.com", "www.linkedin.com",
      "www.adobe.com", "cdnjs.cloudflare.com", "www.cloudflare.com", "challenges.cloudflare.com",
      "api.stripe.com", "js.stripe.com", "sentry.io", "o1.ingest.sentry.io", "foo.lovable.app",
      "foo.notion.site", "foo.replit.app", "foo.claude.app", "foo.chatgpt.site", "foo.bolt.host", "foo.manus.space",
      "foo.devinapps.com", "foo.livekit.cloud", "www.pagerduty.com", "api.digitalocean.com",
      "events.framer.com", "widget.intercom.io", "api.statsig.com", "tenant.auth0.com",
      "www.wikipedia.org", "news.ycombinator.com", "example.com", "www.debian.org", "pool.ntp.org",
      "ocsp.digicert.com", "www.bbc.co.uk", "www.spiegel.de", "zoom.us.evil.example",
      "mychatgpt.com.example.org", "openai.example", "xopenai.com", "openai.com.cdn.example",
      "chatgpt.com.evil.net", "localhost", "127.0.0.1", "[::1]", "10.0.0.1", "router.lan",
      "_dns-sd._udp.local", "");
  CAPTURE(host);
  CHECK(shipped().match(host).app == nullptr);
}

TEST_CASE("what ordinary sites load proves no use of AI", "[signatures]") {
  struct Case {
    const char* host;
    Proof proof;
  };
  const auto each = GENERATE(values<Case>({
      {"js.qualified.com", Proof::kWidget},
      {"client.mutinyhq.com", Proof::kWidget},
      {"www.framer.com", Proof::kEmbedded},
  }));
  CAPTURE(each.host);
  const Match match = shipped().match(each.host);
  REQUIRE(match.app != nullptr);
  CHECK(match.proof == each.proof);
}

TEST_CASE("the most used apps are reviewed and rated", "[signatures]") {
  std::size_t reviewed = 0;
  std::size_t rated = 0;
  for (const App& app : shipped().apps()) {
    reviewed += app.reviewed ? 1 : 0;
    rated += app.attributes.empty() ? 0 : 1;
  }
  CHECK(shipped().apps().size() >= 2000);
  CHECK(reviewed >= 900);
  CHECK(rated >= 200);
  for (const char* id :
       {"chatgpt", "claude", "gemini", "deepseek", "microsoft-copilot", "cursor"}) {
    CAPTURE(id);
    const App* app = shipped().find(id);
    REQUIRE(app != nullptr);
    CHECK(app->reviewed);
    CHECK_FALSE(app->vendor.empty());
    CHECK_FALSE(app->country.empty());
    CHECK_FALSE(app->attribute("trains_on_customer_data_default").empty());
    CHECK_FALSE(app->attribute("as_of").empty());
  }
}

TEST_CASE("clients are told by what they say of themselves", "[signatures]") {
  struct Case {
    const char* user_agent;
    const char* kind;
  };
  const auto each = GENERATE(values<Case>({
      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
       "Safari/537.36",
       "browser"},
      {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "browser"},
      {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
       "Version/17.5 Safari/605.1.15",
       "browser"},
      {"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
       "+https://openai.com/gptbot)",
       "crawler"},
      {"claude-cli/2.0.1 (external, cli)", "cli"},
      {"codex_vscode/0.42", "ide"},
      {"OpenAI/Python 1.99.1", "sdk"},
      {"Anthropic/JS 0.60.0", "sdk"},
      {"ollama-python/0.4.7 (x86_64 linux) Python/3.11.2", "sdk"},
      {"cohere-ai/8.1.0", "sdk"},
      {"mistral-client-typescript/1.10.0", "sdk"},
      {"@deepgram/sdk/4.11.2", "sdk"},
      {"GeminiCLI-tui/0.61.0/gemini-3 (linux; x64)", "cli"},
      {"QwenCode/0.5.0 (linux; x64)", "cli"},
      {"Agents/JavaScript 0.3.0", "sdk"},
      {"curl/7.88.1", "cli"},
      {"python-requests/2.32.3", "library"},
      {"Debian APT-HTTP/1.3 (2.6.1)", ""},
      {"Mozilla/5.0", ""},
  }));
  CAPTURE(each.user_agent);
  CHECK(shipped().client(each.user_agent, {}).kind == each.kind);
}

TEST_CASE("programs built on Bun are no browsers, though they offer the ciphers of one",
          "[signatures]") {
  const char* const hellos[] = {"t13d1714h1_5b57614c22b0_43ade6aba3df",
                                "t13d171000_5b57614c22b0_78e6aca7449b"};
  for (const char* const ja4 : hellos) CHECK(shipped().client({}, ja4).kind == "library");
  CHECK(shipped().client({}, "t13d1717h2_5b57614c22b0_3cbfd9057e0d").kind == "browser");
}

TEST_CASE("the schema for editors knows the words that the vocabulary has", "[signatures]") {
  std::ifstream file{"signatures/schema.json"};
  REQUIRE(file);
  const std::string schema{std::istreambuf_iterator<char>{file}, {}};
  for (const App& app : shipped().apps()) {
    CAPTURE(app.category);
    REQUIRE(schema.find('"' + std::string{app.category} + '"') != std::string::npos);
    for (const std::string_view each : app.interfaces)
      REQUIRE(schema.find('"' + std::string{each} + '"') != std::string::npos);
    for (const Endpoint& endpoint : app.endpoints) {
      REQUIRE(schema.find('"' + std::string{to_string(endpoint.role)} + '"') != std::string::npos);
      CAPTURE(endpoint.usage);
      REQUIRE(schema.find('"' + std::string{endpoint.usage} + '"') != std::string::npos);
    }
  }
}
