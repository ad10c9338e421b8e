#include "gnomon/identify/pack.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "gnomon/bytes/ascii.h"
#include "text_file.h"

namespace gnomon::identify {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifestTitle = "gnomon-pack 1";
constexpr std::size_t kSignatureBytes = 64;  // RFC 8032, 5.1.6

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<Key> read_key(const fs::path& path, bool is_private) {
  std::unique_ptr<std::FILE, CloseFile> file{std::fopen(path.c_str(), "re")};
  if (!file) return Error{"cannot be opened"}.in(path.string());
  Key key{is_private ? PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr)
                     : PEM_read_PUBKEY(file.get(), nullptr, nullptr, nullptr),
          EVP_PKEY_free};
  ERR_clear_error();
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519)
    return Error{is_private ? "is no Ed25519 private key (PEM)" : "is no Ed25519 public key (PEM)"}
        .in(path.string());
  return key;
}

std::string sha256_of(std::string_view bytes) {
  Sha256 sha;
  sha.start();
  sha.add({bytes_of(bytes), bytes.size()});
  const auto hex = to_hex(sha.finish());
  return {hex.data(), hex.size()};
}

std::string base64_of(std::span<const unsigned char> bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// The signature that base64 text holds, line ends anywhere; empty when it is none.
std::string signature_in(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  std::array<unsigned char, 3 * 32> bytes;
  if (text.size() != 88) return {};  // of 64 bytes
  const int size = EVP_DecodeBlock(bytes.data(), bytes_of(text), static_cast<int>(text.size()));
  if (size < static_cast<int>(kSignatureBytes)) return {};
  return {reinterpret_cast<const char*>(bytes.data()), kSignatureBytes};
}

bool is_hash(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

Result<PackTrust> PackTrust::load(const fs::path& folder) {
  PackTrust trust;
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) return trust;
  std::vector<fs::path> files;
  for (const fs::directory_entry& each : fs::directory_iterator{folder, failed})
    if (each.path().extension() == ".pem") files.push_back(each.path());
  if (failed) return Error{failed.message()}.in(folder.string());
  std::sort(files.begin(), files.end());
  for (const fs::path& path : files) {
    auto key = read_key(path, false);
    if (!key) return key.error();
    trust.keys_.push_back(std::move(*key));
  }
  return trust;
}

bool PackTrust::vouches_for(std::string_view text, std::string_view signature) const {
  for (const Key& key : keys_) {
    const Context context{EVP_MD_CTX_new()};
    const bool good =
        EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                         text.size()) == 1;
    ERR_clear_error();
    if (good) return true;
  }
  return false;
}

Result<std::optional<Pack>> Pack::open(const fs::path& folder, const PackTrust& trust) {
  const fs::path manifest = folder / "MANIFEST";
  std::error_code failed;
  if (!fs::exists(manifest, failed) && !fs::exists(folder / "MANIFEST.sig", failed))
    return std::optional<Pack>{};
  std::string text;
  if (const std::string why = read_text_file(manifest, kManifestBytesMax, text); !why.empty())
    return Error{why}.in(manifest.string());
  std::string signature;
  const fs::path signature_file = folder / "MANIFEST.sig";
  if (const std::string why = read_text_file(signature_file, 4096, signature); !why.empty())
    return Error{why}.in(signature_file.string());
  signature = signature_in(std::move(signature));
  if (signature.empty())
    return Error{"is no Ed25519 signature in base64"}.in(signature_file.string());
  if (!trust.vouches_for(text, signature))
    return Error{trust.key_count() == 0 ? "no key is trusted to sign packs"
                                        : "the signature is by none of the keys that are trusted"}
        .in(signature_file.string());
  auto files = read_manifest(text);
  if (!files) return std::move(files.error()).in(manifest.string());
  // One that is gone is missed as one that was changed is: what it took back would count again.
  for (const File& each : *files)
    if (!fs::is_regular_file(folder / each.name, failed))
      return Error{"was signed and is not there"}.in((folder / each.name).string());
  Pack pack;
  pack.files_ = std::move(*files);
  return std::optional<Pack>{std::move(pack)};
}

Result<std::vector<Pack::File>> Pack::read_manifest(std::string_view text) {
  std::vector<File> files;
  unsigned number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const auto wrong = [&](const std::string& what) {
      return Error{"line " + std::to_string(number) + ": " + what};
    };
    if (number == 1) {
      if (line != kManifestTitle) return wrong("must be '" + std::string{kManifestTitle} + "'");
      continue;
    }
    if (line.empty()) continue;
    if (line.size() < 67 || !is_hash(line.substr(0, 64)) || line.substr(64, 2) != "  ")
      return wrong("must be a SHA-256, two blanks and a file");
    files.push_back({std::string{line.substr(66)}, std::string{line.substr(0, 64)}});
  }
  if (number == 0) return Error{"is empty"};
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.name < b.name; });
  return files;
}

std::string Pack::complaint(std::string_view name, std::string_view bytes) const {
  const auto at = std::lower_bound(files_.begin(), files_.end(), name,
                                   [](const File& a, std::string_view b) { return a.name < b; });
  if (at == files_.end() || at->name != name) return "is not among the files that were signed";
  if (at->sha256 != sha256_of(bytes)) return "is not the file that was signed";
  return {};
}

Result<std::size_t> sign_pack(const fs::path& folder, const fs::path& key_file) {
  auto key = read_key(key_file, true);
  if (!key) return key.error();
  auto files = yaml_files_below(folder);
  if (!files) return files.error();
  std::string manifest = std::string{kManifestTitle} + "\n";
  std::string text;
  for (const fs::path& path : *files) {
    if (const std::string why = read_text_file(path, kSignatureFileBytesMax, text); !why.empty())
      return Error{why}.in(path.string());
    manifest += sha256_of(text) + "  " + path.lexically_relative(folder).generic_string() + "\n";
  }

  const Context context{EVP_MD_CTX_new()};
  std::array<unsigned char, kSignatureBytes> signature;
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key->get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(manifest), manifest.size()) !=
          1) {
    ERR_clear_error();
    return Error{"the key cannot sign"}.in(key_file.string());
  }
  for (const auto& [name, content] :
       {std::pair{"MANIFEST", manifest}, std::pair{"MANIFEST.sig", base64_of(signature) + "\n"}}) {
    const fs::path path = folder / name;
    std::unique_ptr<std::FILE, CloseFile> file{std::fopen(path.c_str(), "wbe")};
    if (!file || std::fwrite(content.data(), 1, content.size(), file.get()) != content.size() ||
        std::fflush(file.get()) != 0)
      return Error{"cannot be written"}.in(path.string());
  }
  return files->size();
}

}  // namespace gnomon::identify
