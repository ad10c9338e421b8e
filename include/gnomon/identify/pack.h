#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/bytes/sha256.h"

struct evp_pkey_st;

// Signed packs of signatures. A pack is a folder with a MANIFEST, which lists every file by its
// SHA-256, and MANIFEST.sig, the Ed25519 signature (RFC 8032) of the manifest's bytes in base64:
//
//   gnomon-pack 1
//   6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b  apps/vendor.yaml
//
// so `openssl pkeyutl -sign -rawin -inkey KEY -in MANIFEST | base64` makes one, too.
namespace gnomon::identify {

using Key = std::shared_ptr<evp_pkey_st>;

// Whose packs are believed.
class PackTrust {
 public:
  PackTrust() = default;
  // Reads the public keys (*.pem, Ed25519) of a folder. A folder that does not exist holds none.
  static Result<PackTrust> load(const std::filesystem::path& folder);

  // Whether the signature, 64 bytes, is one of these keys' over the text.
  [[nodiscard]] bool vouches_for(std::string_view text, std::string_view signature) const;
  [[nodiscard]] std::size_t key_count() const { return keys_.size(); }

  // Refuses what is not signed as well.
  bool required = false;

 private:
  std::vector<Key> keys_;
};

// A folder whose manifest is signed by somebody who is trusted.
class Pack {
 public:
  static constexpr std::size_t kManifestBytesMax = std::size_t{4} * 1024 * 1024;

  // Nothing when the folder has no manifest. An error when it has, and the signature is missing,
  // malformed or nobody's that is trusted, the manifest cannot be read, or a file of it is gone.
  static Result<std::optional<Pack>> open(const std::filesystem::path& folder,
                                          const PackTrust& trust);

  // Why these bytes are not the file that was signed under this name; empty when they are.
  [[nodiscard]] std::string complaint(std::string_view name, std::string_view bytes) const;

 private:
  struct File {
    std::string name;
    std::string sha256;
  };
  static Result<std::vector<File>> read_manifest(std::string_view text);

  std::vector<File> files_;  // sorted by name
};

// Writes MANIFEST and MANIFEST.sig over all *.yaml below the folder. `key_file`: an Ed25519 private
// key, PEM.
Result<std::size_t> sign_pack(const std::filesystem::path& folder,
                              const std::filesystem::path& key_file);

}  // namespace gnomon::identify
