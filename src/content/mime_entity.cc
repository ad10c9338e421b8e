#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base64_decoder.h"
#include "content_decoder.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/content/text_decoder.h"
#include "header_fields.h"
#include "multipart_reader.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kHeaderBytesMax = std::size_t{32} * 1024;

class Base64Stage final : public ByteSink {
 public:
  explicit Base64Stage(std::unique_ptr<ByteSink> next) : next_(std::move(next)) {}
  void write(Bytes bytes) override {
    constexpr std::size_t kPiece = 8192;
    while (!bytes.empty()) {
      const Bytes piece = bytes.first(std::min(kPiece, bytes.size()));
      bytes = bytes.subspan(piece.size());
      out_.clear();
      decoder_.write(as_text(piece), out_);
      if (!out_.empty()) next_->write(Bytes{out_});
    }
  }
  void gap(std::uint64_t bytes) override { next_->gap(bytes); }
  void finish(bool complete) override { next_->finish(complete); }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return out_.capacity() + next_->memory_bytes();
  }

 private:
  Base64Decoder decoder_;
  std::vector<std::uint8_t> out_;
  std::unique_ptr<ByteSink> next_;
};

class QuotedPrintableStage final : public ByteSink {
 public:
  explicit QuotedPrintableStage(std::unique_ptr<ByteSink> next) : next_(std::move(next)) {}
  void write(Bytes bytes) override {
    out_.clear();
    decoder_.write(as_text(bytes), out_);
    if (!out_.empty()) next_->write(Bytes{out_});
  }
  void gap(std::uint64_t bytes) override { next_->gap(bytes); }
  void finish(bool complete) override {
    out_.clear();
    decoder_.finish(out_);
    if (!out_.empty()) next_->write(Bytes{out_});
    next_->finish(complete);
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return out_.capacity() + next_->memory_bytes();
  }

 private:
  QuotedPrintableDecoder decoder_;
  std::vector<std::uint8_t> out_;
  std::unique_ptr<ByteSink> next_;
};

bool same(std::string_view name, std::string_view wanted) {
  if (name.size() != wanted.size()) return false;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if (to_lower(c) != wanted[at]) return false;
  }
  return true;
}

class EntityReader final : public ByteSink {
 public:
  EntityReader(BodyContext& context, std::uint32_t depth, Role role, EntityKind kind)
      : context_(context), depth_(depth), role_(role), kind_(kind) {}

  void write(Bytes bytes) override {
    if (body_) return body_->write(bytes);
    std::size_t at = 0;
    for (; at < bytes.size() && !header_done_; ++at) {
      const char c = static_cast<char>(bytes[at]);
      if (c == '\n') {
        // An empty line ends the header.
        if (header_.empty() || header_.back() == '\n') {
          header_done_ = true;
        } else if (header_.size() >= kHeaderBytesMax) {
          ++context_.counters.malformed;
          header_done_ = true;
        } else {
          header_ += c;
        }
      } else if (c != '\r' && header_.size() < kHeaderBytesMax) {
        header_ += c;
      }
    }
    if (!header_done_) return;
    begin_body();
    if (at < bytes.size()) body_->write(bytes.subspan(at));
  }
  void gap(std::uint64_t bytes) override {
    if (!body_) begin_body();
    body_->gap(bytes);
  }
  void finish(bool complete) override {
    if (!body_) {
      if (header_.empty()) return;
      begin_body();
    }
    body_->finish(complete);
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return header_.capacity() + (body_ ? body_->memory_bytes() : 0);
  }

 private:
  void begin_body() {
    PartHints hints;
    hints.role = role_;
    std::string transfer;
    std::string disposition;
    std::string text;
    std::string_view rest = header_;
    while (!rest.empty()) {
      // A field goes on in lines that begin with a blank.
      std::size_t end = rest.find('\n');
      while (end != rest.npos && end + 1 < rest.size() &&
             (rest[end + 1] == ' ' || rest[end + 1] == '\t')) {
        end = rest.find('\n', end + 1);
      }
      end = std::min(end, rest.size());
      std::string line{rest.substr(0, end)};
      rest.remove_prefix(std::min(end + 1, rest.size()));
      std::replace(line.begin(), line.end(), '\n', ' ');
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) {
        if (kind_ == EntityKind::kMail) text += line + "\n";
        continue;
      }
      const std::string_view name = std::string_view{line}.substr(0, colon);
      std::string_view value = std::string_view{line}.substr(colon + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      if (same(name, "content-type")) hints.declared_type = value;
      if (same(name, "content-disposition")) disposition = value;
      if (same(name, "content-encoding")) hints.coding = media_type_of(value);
      if (same(name, "content-transfer-encoding")) transfer = media_type_of(value);
      if (kind_ == EntityKind::kMail) {
        text += name;
        text += ": ";
        text += decoded_words(value);
        text += "\n";
      }
    }
    header_.clear();
    header_.shrink_to_fit();
    std::string file = parameter_of(disposition, "filename");
    if (file.empty()) file = parameter_of(hints.declared_type, "name");
    hints.file_name = base_name(decoded_words(file));
    hints.file = !hints.file_name.empty() || media_type_of(disposition) == "attachment";
    hints.attachment = kind_ != EntityKind::kFormPart;
    if (kind_ == EntityKind::kFormPart && !hints.file) {
      hints.label = parameter_of(disposition, "name");
    }
    if (!text.empty()) {
      std::string clean;
      TextDecoder decoder{charset_named("utf-8")};
      decoder.write(as_bytes(text), clean);
      decoder.finish(clean);
      context_.text(clean, role_);
    }
    body_ = make_part_reader(context_, hints, depth_ + 1);
    if (transfer == "base64") body_ = std::make_unique<Base64Stage>(std::move(body_));
    if (transfer == "quoted-printable") {
      body_ = std::make_unique<QuotedPrintableStage>(std::move(body_));
    }
  }

  BodyContext& context_;
  std::string header_;
  std::unique_ptr<ByteSink> body_;
  std::uint32_t depth_;
  Role role_;
  EntityKind kind_;
  bool header_done_ = false;
};

// Splits at lines that begin "From ".
class MboxReader final : public ByteSink {
 public:
  MboxReader(BodyContext& context, std::uint32_t depth, Role role)
      : context_(context), depth_(depth), role_(role) {}

  void write(Bytes bytes) override {
    constexpr std::string_view kFrom = "From ";
    while (!bytes.empty()) {
      if (skipping_) {
        const std::size_t end = std::min(as_text(bytes).find('\n'), bytes.size());
        skipping_ = end == bytes.size();
        bytes = bytes.subspan(std::min(end + 1, bytes.size()));
        matched_ = 0;
        at_line_ = true;
        continue;
      }
      if (at_line_) {
        if (static_cast<char>(bytes[0]) == kFrom[matched_]) {
          bytes = bytes.subspan(1);
          if (++matched_ == kFrom.size()) {
            end_entity(true);
            entity_ = make_entity_reader(context_, depth_, role_, EntityKind::kMail);
            skipping_ = true;
          }
          continue;
        }
        at_line_ = false;
        pass(as_bytes(kFrom.substr(0, matched_)));
        matched_ = 0;
      }
      const std::size_t end = std::min(as_text(bytes).find('\n'), bytes.size());
      const std::size_t some = std::min(end + 1, bytes.size());
      pass(bytes.first(some));
      at_line_ = end < bytes.size();
      bytes = bytes.subspan(some);
    }
  }
  void gap(std::uint64_t bytes) override {
    if (entity_) entity_->gap(bytes);
  }
  void finish(bool complete) override { end_entity(complete); }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return entity_ ? entity_->memory_bytes() : 0;
  }

 private:
  void pass(Bytes bytes) {
    if (bytes.empty()) return;
    if (!entity_) entity_ = make_entity_reader(context_, depth_, role_, EntityKind::kMail);
    entity_->write(bytes);
  }
  void end_entity(bool complete) {
    if (entity_) entity_->finish(complete);
    entity_.reset();
  }

  BodyContext& context_;
  std::unique_ptr<ByteSink> entity_;
  std::uint32_t depth_;
  std::size_t matched_ = 0;
  Role role_;
  bool at_line_ = true;
  bool skipping_ = false;
};

}  // namespace

std::unique_ptr<ByteSink> make_entity_reader(BodyContext& context, std::uint32_t depth, Role role,
                                             EntityKind kind) {
  return std::make_unique<EntityReader>(context, depth, role, kind);
}

std::unique_ptr<ByteSink> make_mbox_reader(BodyContext& context, std::uint32_t depth, Role role) {
  return std::make_unique<MboxReader>(context, depth, role);
}

}  // namespace gnomon::content
