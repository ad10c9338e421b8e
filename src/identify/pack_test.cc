#include "gnomon/identify/pack.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "gnomon/identify/api_reader.h"
#include "gnomon/identify/catalogue.h"
#include "test_signatures.h"

namespace gnomon::identify {
namespace {

// A folder of its own, gone at the end.
class Place {
 public:
  Place() {
    static int number = 0;
    path_ = fs::temp_directory_path() /
            ("gnomon-packs-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    fs::create_directories(path_);
  }
  ~Place() { fs::remove_all(path_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  fs::path write(const std::string& name, std::string_view text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name, std::ios::binary} << text;
    return path_ / name;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// An Ed25519 key pair in PEM files: `name`.key and, in a folder of keys, `name`.pem.
void make_keys(const Place& place, const std::string& name, int type = EVP_PKEY_ED25519) {
  EVP_PKEY* raw = nullptr;
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(type, nullptr);
  REQUIRE(EVP_PKEY_keygen_init(context) == 1);
  REQUIRE(EVP_PKEY_keygen(context, &raw) == 1);
  EVP_PKEY_CTX_free(context);
  const Key key{raw, EVP_PKEY_free};
  fs::create_directories(place.path() / "keys");
  std::FILE* file = std::fopen((place.path() / (name + ".key")).c_str(), "w");
  REQUIRE(PEM_write_PrivateKey(file, raw, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  std::fclose(file);
  file = std::fopen((place.path() / "keys" / (name + ".pem")).c_str(), "w");
  REQUIRE(PEM_write_PUBKEY(file, raw) == 1);
  std::fclose(file);
}

constexpr const char* kPackApp =
    "vendor: Pack\napps:\n"
    "  - {id: packed, name: Packed, category: chat, domains: [packed.example]}\n";

struct Setting {
  Folder shipped;
  Place local;
  Place keys;

  Setting() {
    make_keys(keys, "ours");
    make_keys(keys, "theirs");
    fs::remove(keys.path() / "keys/theirs.pem");
    local.write("packs/one/app.yaml", kPackApp);
  }

  void sign(const std::string& by) const {
    auto done = sign_pack(pack(), keys.path() / (by + ".key"));
    REQUIRE(done);
  }
  [[nodiscard]] fs::path pack() const { return local.path() / "packs/one"; }

  // What is wrong with all of it; empty when nothing is.
  [[nodiscard]] std::string load(bool required = false) const {
    SignatureFolders folders;
    folders.shipped = shipped.path();
    folders.local = local.path() / "packs";
    auto trust = PackTrust::load(keys.path() / "keys");
    REQUIRE(trust);
    folders.trust = std::move(*trust);
    folders.trust.required = required;
    auto catalogue = Catalogue::load(folders);
    if (!catalogue) return catalogue.error().message;
    CHECK(catalogue->match("www.packed.example").app != nullptr);
    CHECK(catalogue->match("chat.example").app != nullptr);
    return {};
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a pack is believed when somebody who is trusted signed it", "[pack]") {
  Setting setting;
  CHECK(setting.load().empty());
  CHECK(has(setting.load(true), "is not signed"));

  setting.sign("ours");
  CHECK(setting.load().empty());
  CHECK(setting.load(true).empty());

  setting.sign("theirs");
  CHECK(has(setting.load(), "by none of the keys"));
  fs::remove(setting.keys.path() / "keys/ours.pem");
  CHECK(has(setting.load(), "no key is trusted"));
}

TEST_CASE("a pack that was changed after it was signed is refused", "[pack]") {
  Setting setting;
  setting.sign("ours");
  SECTION("a file") {
    setting.local.write("packs/one/app.yaml", std::string{kPackApp} + "# more\n");
    CHECK(has(setting.load(), "is not the file that was signed"));
  }
  SECTION("a file more") {
    setting.local.write("packs/one/more/b.yaml", "vendor: B\n");
    CHECK(has(setting.load(), "is not among the files that were signed"));
  }
  SECTION("a file less") {
    setting.local.write("packs/one/shared.yaml",
                        "shared_hosts: [{host: model.example, role: web-ui, why: ours}]\n");
    setting.sign("ours");
    REQUIRE(setting.load().empty());
    fs::remove(setting.pack() / "shared.yaml");
    CHECK(has(setting.load(), "shared.yaml: was signed and is not there"));
  }
  SECTION("the manifest") {
    std::string manifest;
    std::getline(std::ifstream{setting.pack() / "MANIFEST"}, manifest, '\0');
    manifest[20] = manifest[20] == 'a' ? 'b' : 'a';
    setting.local.write("packs/one/MANIFEST", manifest);
    CHECK(has(setting.load(), "by none of the keys"));
  }
  SECTION("the signature is cut") {
    setting.local.write("packs/one/MANIFEST.sig", "AAAA");
    CHECK(has(setting.load(), "is no Ed25519 signature"));
  }
  SECTION("the signature is gone") {
    fs::remove(setting.pack() / "MANIFEST.sig");
    CHECK(has(setting.load(), "MANIFEST.sig: No such file"));
  }
  SECTION("the manifest is gone") {
    fs::remove(setting.pack() / "MANIFEST");
    CHECK(has(setting.load(), "MANIFEST: No such file"));
  }
}

TEST_CASE("a manifest that is signed and makes no sense is refused with its line", "[pack]") {
  struct Row {
    const char* text;
    const char* what;
  };
  const Row row = GENERATE(values<Row>({
      {"\n", "line 1: must be 'gnomon-pack 1'"},
      {"gnomon-pack 2\n", "line 1: must be 'gnomon-pack 1'"},
      {"gnomon-pack 1\nabc  app.yaml\n", "line 2: must be a SHA-256"},
      {"gnomon-pack 1\n\n"
       "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b app.yaml\n",
       "line 3: must be a SHA-256"},
  }));
  Setting setting;
  const fs::path key = setting.keys.path() / "ours.key";
  setting.local.write("packs/one/MANIFEST", row.text);
  // Signed as anybody with openssl would.
  const std::string command = "openssl pkeyutl -sign -rawin -inkey '" + key.string() + "' -in '" +
                              (setting.pack() / "MANIFEST").string() + "' | base64 > '" +
                              (setting.pack() / "MANIFEST.sig").string() + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  CHECK(has(setting.load(), row.what));
}

TEST_CASE("what is no key is told", "[pack]") {
  const Place place;
  fs::create_directories(place.path() / "keys");
  CHECK(PackTrust::load(place.path() / "none")->key_count() == 0);
  place.write("keys/a.pem", "no key");
  auto trust = PackTrust::load(place.path() / "keys");
  REQUIRE_FALSE(trust);
  CHECK(has(trust.error().message, "keys/a.pem: is no Ed25519 public key"));
  make_keys(place, "a", EVP_PKEY_X25519);
  CHECK_FALSE(PackTrust::load(place.path() / "keys"));
  CHECK_FALSE(sign_pack(place.path(), place.path() / "a.key"));
  CHECK_FALSE(sign_pack(place.path(), place.path() / "absent.key"));
  place.write("b.pem", "no key");
  CHECK_FALSE(sign_pack(place.path(), place.path() / "b.pem"));
}

struct Local {
  const char* text;
  const char* host;
  const char* app;  // empty: none
};

TEST_CASE("local files add, override and disable", "[local]") {
  const Local row = GENERATE(values<Local>({
      {"apps:\n  - {id: own, name: Own, category: chat, domains: [own.example]}\n", "a.own.example",
       "own"},
      // The same id: as a whole.
      {"apps:\n  - {id: chat, name: Chat, category: chat, domains: [new.example]}\n",
       "chat.example", ""},
      {"apps:\n  - {id: chat, name: Chat, category: chat, domains: [new.example]}\n", "new.example",
       "chat"},
      // The same pattern, of another app.
      {"apps:\n  - {id: own, name: Own, category: chat, domains: [chat.example]}\n", "chat.example",
       "own"},
      {"apps:\n  - {id: own, name: Own, category: chat, domains: [chat.example]}\n",
       "tools.chat.example", "chat"},
      {"apps:\n  - id: own\n    name: Own\n    category: chat\n"
       "    endpoints: [{host: x.cdn.example, role: api}]\n",
       "x.cdn.example", "own"},
      // Shipped as an endpoint, whose name and what is below it the domain takes.
      {"apps:\n  - {id: own, name: Own, category: chat, domains: [tools.chat.example]}\n",
       "tools.chat.example", "own"},
      {"apps:\n  - {id: own, name: Own, category: chat, domains: [cdn.example]}\n", "y.cdn.example",
       "own"},
      {"apps:\n  - {id: own, name: Own, category: chat, domains: [cdn.example]}\n", "x.cdn.example",
       "chat"},
      {"disabled_apps: [chat]\n", "chat.example", ""},
      {"disabled_apps: [chat]\n", "model.example", "model"},
      {"shared_hosts: [{host: model.example, role: web-ui, why: ours}]\n", "model.example", ""},
      {"shared_hosts: [{host: model.example, role: web-ui, why: ours}]\n", "a.model.example",
       "model"},
  }));
  const Folder shipped;
  const Place local;
  local.write("local/own.yaml", row.text);
  SignatureFolders folders;
  folders.shipped = shipped.path();
  folders.local = local.path() / "local";
  auto catalogue = Catalogue::load(folders);
  INFO((catalogue ? std::string{} : catalogue.error().message));
  REQUIRE(catalogue);
  const Match match = catalogue->match(row.host);
  CHECK((match.app == nullptr ? "" : std::string{match.app->id}) == row.app);
}

TEST_CASE("that an app is disabled which was not shipped is doubted, and the rest is read",
          "[local]") {
  const Folder shipped;
  const Place local;
  SignatureFolders folders;
  folders.shipped = shipped.path();
  folders.local = local.path() / "local";
  local.write("local/b.yaml",
              "apps:\n  - {id: two, name: Two, category: chat, domains: [two.example]}\n"
              "disabled_apps: [chat, chta, two]\n");
  const auto catalogue = Catalogue::load(folders);
  REQUIRE(catalogue);
  REQUIRE(catalogue->doubts().size() == 2);
  CHECK(has(catalogue->doubts()[0].to_string(),
            "b.yaml:3: key 'disabled_apps': no app that was shipped has the id 'chta'"));
  CHECK(has(catalogue->doubts()[1].to_string(), "has the id 'two'"));
  CHECK(catalogue->match("chat.example").app == nullptr);
  CHECK(catalogue->match("two.example").app != nullptr);
  local.write("local/b.yaml", "disabled_apps: [chat]\n");
  CHECK(Catalogue::load(folders)->doubts().empty());
}

TEST_CASE("local files that contradict each other are told with their places", "[local]") {
  const Folder shipped;
  const Place local;
  local.write("local/a.yaml",
              "apps:\n  - {id: own, name: Own, category: chat, domains: [own.example]}\n");
  SignatureFolders folders;
  folders.shipped = shipped.path();
  folders.local = local.path() / "local";
  SECTION("the same domain") {
    local.write("local/b.yaml",
                "apps:\n  - {id: two, name: Two, category: chat, domains: [own.example]}\n");
    auto catalogue = Catalogue::load(folders);
    REQUIRE_FALSE(catalogue);
    CHECK(has(catalogue.error().message, "b.yaml:2: key 'domains': 'own.example' is claimed"));
    CHECK(has(catalogue.error().message, "a.yaml:2"));
  }
  SECTION("the same id") {
    local.write("local/b.yaml",
                "apps:\n  - {id: own, name: Two, category: chat, domains: [two.example]}\n");
    CHECK(has(Catalogue::load(folders).error().message, "'own' is the id of another app"));
  }
  SECTION("a name too broad") {
    local.write("local/b.yaml",
                "apps:\n  - {id: two, name: Two, category: chat, domains: [google.example]}\n");
    CHECK(has(Catalogue::load(folders).error().message, "covers far more than an app"));
  }
  SECTION("a public suffix") {
    const std::string_view suffix = GENERATE("co.uk", "github.io", "streamlit.app");
    local.write("local/b.yaml",
                "apps:\n  - {id: two, name: Two, category: chat, domains:\n      [" +
                    std::string{suffix} + "]}\n");
    const auto catalogue = Catalogue::load(folders);
    REQUIRE_FALSE(catalogue);
    CHECK(has(catalogue.error().message,
              "b.yaml:3: key 'domains': '" + std::string{suffix} + "' is a public suffix"));
    local.write("local/b.yaml",
                "apps:\n  - {id: two, name: Two, category: chat,\n     endpoints: [{host: \"*." +
                    std::string{suffix} + "\", role: api}]}\n");
    CHECK(has(Catalogue::load(folders).error().message, "is a public suffix"));
    // What is registered below one is somebody's.
    local.write("local/b.yaml", "apps:\n  - {id: two, name: Two, category: chat, domains: [own." +
                                    std::string{suffix} + ", ai.corp.example]}\n");
    shipped.write("apps/y.yaml",
                  "apps:\n  - {id: site, name: Site, category: chat, domains: [streamlit.app], "
                  "sources: [pk]}\n");
    const auto good = Catalogue::load(folders);
    INFO((good ? std::string{} : good.error().message));
    CHECK(good);
    shipped.write(
        "apps/y.yaml",
        "apps:\n  - {id: site, name: Site, category: chat, domains: [co.uk], sources: [pk]}\n");
    CHECK(has(Catalogue::load(folders).error().message, "is a public suffix"));
  }
  SECTION("keys that only local files have") {
    shipped.write("apps/x.yaml", "disabled_apps: [chat]\n");
    CHECK(has(Catalogue::load(folders).error().message, "is not a key that is known here"));
  }
  SECTION("no YAML") {
    local.write("local/b.yaml", "apps: [\n");
    CHECK(has(Catalogue::load(folders).error().message, "b.yaml:"));
  }
}

TEST_CASE("folders of a local folder add products and stand for shipped ones", "[local]") {
  const Place local;
  SignatureFolders folders;
  folders.shipped = "signatures";
  const auto products = [&]() -> Result<std::size_t> {
    auto knowledge = ApiKnowledge::load(folders);
    if (!knowledge) return knowledge.error();
    return knowledge->product_count();
  };
  const auto shipped = products();
  REQUIRE(shipped);
  folders.local = local.path() / "local";
  constexpr std::string_view kTraits =
      ", name: Own, kind: inference, traits: [{weight: 3, path: /own/health}, "
      "{weight: 3, response_header: x-own}]}\n";
  const auto product = [&](std::string_view id) {
    return "products:\n  - {id: " + std::string{id} + std::string{kTraits};
  };
  SECTION("a new one, and apps beside it") {
    local.write("local/self-hosted/own.yaml", product("own-server"));
    local.write(
        "local/apps.yaml",
        "apps:\n  - {id: own, name: Own, category: chat-assistant, domains: [own.example]}\n");
    const auto all = products();
    INFO((all ? std::string{} : all.error().message));
    REQUIRE(all);
    CHECK(*all == *shipped + 1);
    auto catalogue = Catalogue::load(folders);
    INFO((catalogue ? std::string{} : catalogue.error().message));
    REQUIRE(catalogue);
    CHECK(catalogue->match("own.example").app != nullptr);
    folders.trust.required = true;
    CHECK(has(ApiKnowledge::load(folders).error().message, "is not signed"));
  }
  SECTION("of a pack, signed too, which counts less than local ones and more than shipped ones") {
    const Place keys;
    make_keys(keys, "ours");
    local.write("local/other/self-hosted/own.yaml",
                product("own-server") + product("ollama").substr(10));
    local.write("local/other/apps.yaml",
                "apps:\n  - {id: packed, name: Packed, category: chat-assistant, domains: "
                "[packed.example]}\n");
    const auto both = [&] {
      auto catalogue = Catalogue::load(folders);
      if (!catalogue) return catalogue.error().message;
      CHECK(catalogue->match("packed.example").app != nullptr);
      const auto all = products();
      if (!all) return all.error().message;
      CHECK(*all == *shipped + 1);
      return std::string{};
    };
    CHECK(both() == "");
    REQUIRE(sign_pack(local.path() / "local/other", keys.path() / "ours.key"));
    CHECK(has(both(), "no key is trusted"));
    folders.trust = *PackTrust::load(keys.path() / "keys");
    CHECK(both() == "");
    folders.trust.required = true;
    CHECK(both() == "");
    folders.trust.required = false;
    local.write("local/self-hosted/own.yaml", product("own-server"));
    CHECK(both() == "");
    local.write("local/other/self-hosted/own.yaml", product("own-server"));
    CHECK(has(ApiKnowledge::load(folders).error().message, "is not the file that was signed"));
    fs::remove(local.path() / "local/other/MANIFEST");
    fs::remove(local.path() / "local/other/MANIFEST.sig");
    local.write("local/third/self-hosted/own.yaml", product("own-server"));
    CHECK(has(both(), "is there twice"));
  }
  SECTION("one of a known id") {
    local.write("local/self-hosted/own.yaml", product("ollama"));
    CHECK(*products() == *shipped);
  }
  SECTION("one twice") {
    local.write("local/self-hosted/a.yaml", product("own-server"));
    local.write("local/self-hosted/b.yaml", product("own-server"));
    const auto all = products();
    REQUIRE_FALSE(all);
    CHECK(has(all.error().message, "local/self-hosted/b.yaml:2"));
    CHECK(has(all.error().message, "is there twice"));
  }
}

}  // namespace
}  // namespace gnomon::identify
