#include "gnomon/message/key_log.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>
#include <random>

#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/hash.h"

namespace gnomon::message {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kMasterBytes = 48;
constexpr std::size_t kEncryptedPreMasterBytes = 8;

enum class Use : std::uint8_t { kKept, kIgnored };

struct LabelRow {
  std::string_view name;
  Use use;
  KeyLabel label;
  std::size_t id_bytes;
};

// clang-format off
constexpr LabelRow kLabels[] = {
    {"CLIENT_RANDOM",                        Use::kKept,    KeyLabel::kMaster,             kRandomBytes},
    {"PMS_CLIENT_RANDOM",                    Use::kKept,    KeyLabel::kPreMaster,          kRandomBytes},
    {"RSA",                                  Use::kKept,    KeyLabel::kEncryptedPreMaster, kEncryptedPreMasterBytes},
    {"CLIENT_EARLY_TRAFFIC_SECRET",          Use::kKept,    KeyLabel::kClientEarly,        kRandomBytes},
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET",      Use::kKept,    KeyLabel::kClientHandshake,    kRandomBytes},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET",      Use::kKept,    KeyLabel::kServerHandshake,    kRandomBytes},
    {"CLIENT_TRAFFIC_SECRET_0",              Use::kKept,    KeyLabel::kClientTraffic,      kRandomBytes},
    {"SERVER_TRAFFIC_SECRET_0",              Use::kKept,    KeyLabel::kServerTraffic,      kRandomBytes},
    {"QUIC_CLIENT_EARLY_TRAFFIC_SECRET",     Use::kKept,    KeyLabel::kClientEarly,        kRandomBytes},
    {"QUIC_CLIENT_HANDSHAKE_TRAFFIC_SECRET", Use::kKept,    KeyLabel::kClientHandshake,    kRandomBytes},
    {"QUIC_SERVER_HANDSHAKE_TRAFFIC_SECRET", Use::kKept,    KeyLabel::kServerHandshake,    kRandomBytes},
    {"QUIC_CLIENT_TRAFFIC_SECRET_0",         Use::kKept,    KeyLabel::kClientTraffic,      kRandomBytes},
    {"QUIC_SERVER_TRAFFIC_SECRET_0",         Use::kKept,    KeyLabel::kServerTraffic,      kRandomBytes},
    {"EXPORTER_SECRET",                      Use::kIgnored, KeyLabel{},                    0},
    {"EARLY_EXPORTER_SECRET",                Use::kIgnored, KeyLabel{},                    0},
    {"EARLY_EXPORTER_MASTER_SECRET",         Use::kIgnored, KeyLabel{},                    0},
    {"ECH_SECRET",                           Use::kIgnored, KeyLabel{},                    0},
    {"ECH_CONFIG",                           Use::kIgnored, KeyLabel{},                    0},
};
// clang-format on

// What stands for later secrets, which follow from the first (RFC 8446 §7.2): OpenSSL writes a line
// with an N at every KeyUpdate, others may number them.
bool is_later_secret(std::string_view name) {
  for (const std::string_view start :
       {"CLIENT_TRAFFIC_SECRET_", "SERVER_TRAFFIC_SECRET_", "QUIC_CLIENT_TRAFFIC_SECRET_",
        "QUIC_SERVER_TRAFFIC_SECRET_"}) {
    if (!name.starts_with(start)) continue;
    const std::string_view which = name.substr(start.size());
    return which == "N" || (!which.empty() && std::all_of(which.begin(), which.end(), is_digit));
  }
  return false;
}

// Takes the first word, and the blanks around it, from the front of `text`.
std::string_view take_word(std::string_view& text) {
  constexpr std::string_view kBlanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return word;
}

std::optional<Secret> from_hex(std::string_view text) {
  if (text.size() % 2 != 0 || text.size() > 2 * Secret::kBytesMax) return std::nullopt;
  std::array<std::uint8_t, Secret::kBytesMax> bytes{};
  std::optional<Secret> secret;
  bool good = true;
  for (std::size_t i = 0; i < text.size() && good; i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    good = high >= 0 && low >= 0;
    if (good) bytes[i / 2] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (good) secret.emplace(Bytes{bytes}.first(text.size() / 2));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return secret;
}

// What is wrong with a secret of `size` bytes under this label; empty when nothing is.
std::string_view wrong_size(KeyLabel label, std::size_t size) {
  switch (label) {
    case KeyLabel::kMaster:
    case KeyLabel::kSessionMaster:
      return size == kMasterBytes ? "" : "a master secret has 48 bytes";
    case KeyLabel::kPreMaster:
    case KeyLabel::kEncryptedPreMaster:
      return size > 0 ? "" : "the secret is missing";
    default:  // as long as its hash: SHA-256 or SHA-384
      return size == 32 || size == 48 ? "" : "a traffic secret has 32 or 48 bytes";
  }
}

}  // namespace

void wipe_bytes(std::span<std::uint8_t> bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

Secret::Secret(Bytes bytes) : size_(static_cast<std::uint8_t>(bytes.size())) {
  assert(bytes.size() <= kBytesMax);
  if (!bytes.empty()) std::memcpy(bytes_.data(), bytes.data(), bytes.size());
}

void Secret::wipe() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
  size_ = 0;
}

std::uint64_t KeyLog::fresh_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

std::size_t KeyLog::Hash::operator()(const Key& key) const {
  return hash_bytes(
      key.id.data(), key.id.size(),
      seed ^ (std::uint64_t{key.id_bytes} << 8 | static_cast<std::uint8_t>(key.label)));
}

KeyLog::Key KeyLog::key_of(KeyLabel label, Bytes id) {
  assert(id.size() <= kIdBytesMax);
  Key key;
  if (!id.empty()) std::memcpy(key.id.data(), id.data(), id.size());
  key.id_bytes = static_cast<std::uint8_t>(id.size());
  key.label = label;
  return key;
}

void KeyLog::put(KeyLabel label, Bytes id, const Secret& secret) {
  const Key key = key_of(label, id);
  const auto [at, fresh] = secrets_.insert_or_assign(key, secret);
  if (!fresh) return;
  order_.push_back(key);
  if (secrets_.size() <= secrets_max_) return;
  secrets_.erase(order_.front());
  order_.pop_front();
  ++evicted_;
}

const Secret* KeyLog::find(KeyLabel label, Bytes id) const {
  if (id.size() > kIdBytesMax) return nullptr;
  const auto found = secrets_.find(key_of(label, id));
  return found == secrets_.end() ? nullptr : &found->second;
}

KeyLogReader::~KeyLogReader() { OPENSSL_cleanse(line_.data(), line_.size()); }

void KeyLogReader::feed(Bytes text, KeyLog& log) {
  if (line_.capacity() < kLineBytesMax) line_.reserve(kLineBytesMax);  // so that it never moves
  std::string_view rest{reinterpret_cast<const char*>(text.data()), text.size()};
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (overlong_ || line_.size() + piece.size() > kLineBytesMax) {
      overlong_ = true;
      piece = {};
    }
    if (end == std::string_view::npos) {
      line_ += piece;
      return;
    }
    if (line_.empty()) {
      read_line(piece, log);
    } else {
      line_ += piece;
      read_line(line_, log);
    }
    OPENSSL_cleanse(line_.data(), line_.size());
    line_.clear();
  }
}

void KeyLogReader::finish(KeyLog& log) {
  if (line_.empty() && !overlong_) return;
  read_line(line_, log);
  OPENSSL_cleanse(line_.data(), line_.size());
  line_.clear();
}

void KeyLogReader::read_line(std::string_view line, KeyLog& log) {
  ++number_;
  const auto bad = [&](std::string_view what) {
    ++bad_lines_;
    if (first_bad_lines_.size() < kBadLinesKept) first_bad_lines_.push_back({number_, what});
  };
  if (overlong_) {
    overlong_ = false;
    return bad("the line is too long");
  }
  if (number_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  const std::string_view name = take_word(line);
  if (name.empty() || name.front() == '#') return;
  const auto* const row = std::find_if(std::begin(kLabels), std::end(kLabels),
                                       [&](const LabelRow& each) { return each.name == name; });
  if (row == std::end(kLabels)) {
    if (is_later_secret(name)) return;
    return bad("no such label");
  }
  if (row->use == Use::kIgnored) return;

  std::string_view id_text = take_word(line);
  std::string_view secret_text = take_word(line);
  KeyLabel label = row->label;
  std::size_t id_bytes = row->id_bytes;
  constexpr std::string_view kSessionId = "Session-ID:";
  constexpr std::string_view kMasterKey = "Master-Key:";
  if (label == KeyLabel::kEncryptedPreMaster && id_text.starts_with(kSessionId) &&
      secret_text.starts_with(kMasterKey)) {
    label = KeyLabel::kSessionMaster;
    id_text.remove_prefix(kSessionId.size());
    secret_text.remove_prefix(kMasterKey.size());
    id_bytes = std::min(id_text.size() / 2, KeyLog::kIdBytesMax);
  }
  if (!line.empty()) return bad("more than a label, an id and a secret");
  const auto id = from_hex(id_text);
  const auto secret = from_hex(secret_text);
  if (!id || !secret) return bad("not hexadecimal, or too long");
  if (id->bytes().size() != id_bytes || id_bytes == 0) return bad("the id has not the right size");
  if (const std::string_view wrong = wrong_size(label, secret->bytes().size()); !wrong.empty())
    return bad(wrong);
  log.put(label, id->bytes(), *secret);
  ++secrets_;
}

}  // namespace gnomon::message
