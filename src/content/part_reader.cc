#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "body_context.h"
#include "content_decoder.h"
#include "document_reader.h"
#include "encoded_values.h"
#include "gnomon/bytes/ascii.h"
#include "gnomon/bytes/sha256.h"
#include "gnomon/content/file_type.h"
#include "header_fields.h"
#include "json_text.h"
#include "model_reader.h"
#include "multipart_reader.h"
#include "text_formats.h"
#include "text_guess.h"

namespace gnomon::content {
namespace {

constexpr std::uint32_t kMultipartsMax = 12;  // that are open, one within the other
constexpr std::size_t kDiscHeadBytes = std::size_t{34} * 1024;
constexpr std::uint64_t kOpaqueBytesMax = std::uint64_t{16} << 20;  // searched for readable runs

// Schemas of texts that are set in XML: Word 2003, flat Office Open XML, flat ODF, DocBook, TEI.
constexpr std::string_view kSetText[] = {"schemas.microsoft.com/office/word/2003/wordml",
                                         "schemas.microsoft.com/office/2006/xmlPackage",
                                         "urn:oasis:names:tc:opendocument",
                                         "docbook.org/ns/docbook",
                                         "-//OASIS//DTD DocBook",
                                         "www.tei-c.org/ns"};

// Takes what is not looked into.
class Nothing final : public ByteSink {
 public:
  void write(Bytes) override {}
  void finish(bool) override {}
};

// Passes on the first bytes only.
class FirstBytes final : public ByteSink {
 public:
  FirstBytes(std::uint64_t bytes_max, std::unique_ptr<ByteSink> next, PartStatus& status)
      : left_(bytes_max), next_(std::move(next)), status_(status) {}
  void write(Bytes bytes) override {
    const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    if (some < bytes.size()) status_.truncated = true;
    left_ -= some;
    if (some > 0) next_->write(bytes.first(some));
  }
  void gap(std::uint64_t bytes) override { next_->gap(bytes); }
  void finish(bool complete) override { next_->finish(complete); }
  [[nodiscard]] std::size_t memory_bytes() const override { return next_->memory_bytes(); }

 private:
  std::uint64_t left_;
  std::unique_ptr<ByteSink> next_;
  PartStatus& status_;
};

bool has_prefix(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool is_json_type(std::string_view type) {
  return type == "application/json" || type == "text/json" ||
         (type.size() > 5 && type.substr(type.size() - 5) == "+json") ||
         has_prefix(type, "application/json");
}
bool is_line_json_type(std::string_view type) {
  return type == "application/x-ndjson" || type == "application/ndjson" ||
         type == "application/jsonl" || type == "application/x-jsonlines" ||
         type == "application/stream+json" || type == "application/json-lines";
}

class PartReader final : public ByteSink {
 public:
  PartReader(BodyContext& context, const PartHints& hints, std::uint32_t depth)
      : context_(context), hints_(hints), depth_(depth) {
    type_name_ = media_type_of(hints_.declared_type);
    file_ = hints_.file;
    ++context_.counters.parts;
    PartFacts facts;
    facts.file_name = hints_.file_name;
    facts.declared_type = type_name_;
    facts.depth = depth_;
    facts.file = file_;
    context_.events->on_part(facts);
    if (++context_.parts > context_.limits.parts_max) {
      refuse("too-many");
    } else if (depth_ - std::min(depth_, context_.multiparts) > context_.limits.depth_max ||
               context_.multiparts > kMultipartsMax) {
      refuse("too-deep");
    }
  }

  ~PartReader() override { leave_multipart(); }
  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;

  void write(Bytes bytes) override {
    if (bytes.empty()) return;
    size_ += bytes.size();
    if (inside_) {
      if (hashing_) hash_.add(bytes);
      inside_->write(bytes);
      return;
    }
    // A declared stream is read from its first byte; the rest waits until its kind can be told.
    const Bytes first = take_head(bytes, kFileHeadBytes);
    bytes = bytes.subspan(first.size());
    if (head_.size() < kFileHeadBytes && !is_declared_stream()) return;
    if (may_be_disc()) {
      const Bytes more = take_head(bytes, kDiscHeadBytes);
      bytes = bytes.subspan(more.size());
      if (head_.size() < kDiscHeadBytes) return;
    }
    choose();
    if (hashing_) hash_.add(bytes);
    if (!bytes.empty()) inside_->write(bytes);
  }
  void gap(std::uint64_t bytes) override {
    gap_bytes_ += bytes;
    ++context_.counters.gaps;
    // Of what has lost its beginning the rest tells what it is.
    if (!inside_ && head_.empty()) return;
    if (!inside_) choose();
    inside_->gap(bytes);
  }
  void next_message() override {
    if (!inside_ && !head_.empty()) choose();
    if (inside_) inside_->next_message();
  }
  void finish(bool complete) override {
    if (!inside_) choose();
    if (depth_ == 0 && context_.stopped && status_.not_opened.empty()) {
      status_.not_opened = context_.stop_reason;
    }
    inside_->finish(complete);
    leave_multipart();
    if (context_.stopped && status_.not_opened.empty() && stopped_inside_) {
      status_.not_opened = context_.stop_reason;
    }
    PartEnd end;
    end.file_name = hints_.file_name;
    end.declared_type = type_name_;
    end.file_type = type_.name;
    end.size = size_;
    end.gap_bytes = gap_bytes_;
    end.depth = depth_;
    end.file = file_;
    end.complete = complete && gap_bytes_ == 0;
    end.truncated = status_.truncated;
    end.not_opened = status_.not_opened;
    end.width = media_.width;
    end.height = media_.height;
    end.duration_ms = media_.duration_ms;
    std::array<char, 64> digest{};
    if (hashing_ && end.complete) {
      digest = to_hex(hash_.finish());
      end.sha256 = {digest.data(), digest.size()};
    }
    if (file_) ++context_.counters.files;
    if (status_.truncated) ++context_.counters.truncated;
    if (status_.not_opened == "encrypted") ++context_.counters.encrypted;
    context_.events->on_part_end(end);
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return sizeof(*this) + head_.capacity() + (inside_ ? inside_->memory_bytes() : 0);
  }

 private:
  // Moves bytes into the head until it is `wanted` long.
  Bytes take_head(Bytes bytes, std::size_t wanted) {
    const Bytes some = bytes.first(std::min(wanted - std::min(wanted, head_.size()), bytes.size()));
    head_.insert(head_.end(), some.begin(), some.end());
    return some;
  }
  [[nodiscard]] FileType type_of_head() const {
    const Bytes head{head_};
    const FileType type =
        file_type_of(head.first(std::min(head.size(), kFileHeadBytes)), hints_.file_name,
                     type_name_, parameter_of(hints_.declared_type, "charset"));
    if (type.name != "binary" || head.size() < kDiscHeadBytes) return type;
    const FileType disc = file_type_of(head, hints_.file_name, type_name_);
    return disc.name == "iso" ? disc : type;
  }
  // An image of a disc tells what it is behind 32 KiB that are any system's own (ECMA-119 6.2.1).
  [[nodiscard]] bool may_be_disc() {
    if (looked_for_disc_ || head_.size() < kFileHeadBytes) return looked_for_disc_;
    if (refused_ || !hints_.coding.empty() || is_message_type()) return false;
    looked_for_disc_ = type_of_head().name == "binary";
    return looked_for_disc_;
  }
  void refuse(std::string_view why) {
    if (!context_.stopped) ++context_.counters.bombs;
    status_.not_opened = why;
    refused_ = true;
  }
  void leave_multipart() {
    if (in_multipart_) --context_.multiparts;
    in_multipart_ = false;
  }
  [[nodiscard]] bool is_declared_stream() const {
    return depth_ == 0 && (type_name_ == "text/event-stream" || is_line_json_type(type_name_) ||
                           has_prefix(type_name_, "application/grpc"));
  }
  [[nodiscard]] bool is_message_type() const {
    return is_json_type(type_name_) || is_line_json_type(type_name_) ||
           has_prefix(type_name_, "multipart/") ||
           type_name_ == "application/x-www-form-urlencoded" || type_name_ == "text/event-stream" ||
           has_prefix(type_name_, "application/grpc") ||
           has_prefix(type_name_, "application/connect") ||
           type_name_ == "application/vnd.amazon.eventstream" ||
           type_name_.find("protobuf") != std::string::npos || type_name_ == "application/proto";
  }

  // Whether a body that nobody called a file is one.
  [[nodiscard]] bool is_file_by_kind() const {
    if (depth_ != 0 || head_.empty()) return false;
    if (!hints_.file_name.empty()) return true;
    if (is_message_type() || context_.messages) return false;
    switch (type_.family) {
      case FileFamily::kDocument:
      case FileFamily::kModel:
      case FileFamily::kProgram:
      case FileFamily::kCompressed:
        return true;
      case FileFamily::kMedia:
      case FileFamily::kMail:
      case FileFamily::kRtf:
      case FileFamily::kBinary:
        return context_.to_server;
      case FileFamily::kText:
        return type_.name == "csv" && context_.to_server;
      case FileFamily::kJson:
      case FileFamily::kMarkup:
      case FileFamily::kEmpty:
        return false;
    }
    return false;
  }

  // Whether the XML is a word processor's: there tags stand within words and numbers.
  [[nodiscard]] bool holds_set_text() const {
    const std::string_view head{reinterpret_cast<const char*>(head_.data()), head_.size()};
    return std::any_of(std::begin(kSetText), std::end(kSetText), [&](std::string_view schema) {
      return head.find(schema) != std::string_view::npos;
    });
  }

  void choose() {
    if (!hints_.coding.empty() && hints_.coding != "identity") {
      // A part that is compressed by itself: what is inside is the part.
      bool opaque = false;
      PartHints inner = hints_;
      inner.coding.clear();
      type_ = {"compressed", FileFamily::kCompressed};
      if (!refused_) {
        inside_ = make_decoder_chain(context_, hints_.coding,
                                     make_part_reader(context_, inner, depth_ + 1), opaque);
        file_ = false;
        return give_head();
      }
    }
    type_ = type_of_head();
    media_ = media_size_of(type_.name, Bytes{head_});
    file_ = file_ || is_file_by_kind();
    hashing_ = file_;
    if (hashing_) {
      hash_.start();
      hash_.add(Bytes{head_});
    }
    inside_ = refused_ ? std::make_unique<Nothing>() : make_inside();
    give_head();
  }
  void give_head() {
    std::vector<std::uint8_t> head;
    head.swap(head_);
    if (!head.empty()) inside_->write(Bytes{head});
  }

  std::unique_ptr<ByteSink> text(std::unique_ptr<TextSink> sink) {
    return make_text_stage(context_, parameter_of(hints_.declared_type, "charset"), std::move(sink),
                           is_declared_stream());
  }
  void tell_label() {
    if (hints_.label.empty()) return;
    const Key& key = key_named(hints_.label);
    if (const Role role = context_.to_server ? key.to_server : key.to_client;
        role != Role::kNone && hints_.role == Role::kNone) {
      hints_.role = role;
    }
    context_.text(field_text(hints_.label), hints_.role);
    context_.text(": ", hints_.role);
  }

  std::unique_ptr<ByteSink> make_inside() {
    if (has_prefix(type_name_, "multipart/") && head_.size() > 2) {
      type_ = {"multipart", FileFamily::kMail};
      in_multipart_ = true;
      ++context_.multiparts;
      return make_multipart_reader(context_, type_name_,
                                   parameter_of(hints_.declared_type, "boundary"), depth_,
                                   hints_.role);
    }
    if (type_name_ == "message/rfc822") {
      type_ = {"eml", FileFamily::kMail};
      return make_entity_reader(context_, depth_, hints_.role, EntityKind::kMail);
    }
    if (type_name_ == "application/x-www-form-urlencoded" &&
        (type_.family == FileFamily::kText || type_.family == FileFamily::kBinary)) {
      type_ = {"form", FileFamily::kText};
      return make_form_reader(context_, depth_);
    }
    if (type_name_ == "text/event-stream") {
      type_ = {"event-stream", FileFamily::kText};
      return text(make_event_stream(context_, depth_));
    }
    if (has_prefix(type_name_, "application/grpc") ||
        has_prefix(type_name_, "application/connect+")) {
      type_ = {"grpc", FileFamily::kBinary};
      return make_protobuf_reader(context_, depth_, true);
    }
    if (type_name_ == "application/vnd.amazon.eventstream") {
      type_ = {"eventstream", FileFamily::kBinary};
      return make_aws_event_reader(context_, depth_);
    }
    if ((type_name_.find("protobuf") != std::string::npos || type_name_ == "application/proto") &&
        type_.family != FileFamily::kDocument) {
      type_ = {"protobuf", FileFamily::kBinary};
      return make_protobuf_reader(context_, depth_, false);
    }
    if (depth_ == 0 && is_line_json_type(type_name_)) {
      type_ = {"ndjson", FileFamily::kJson};
      return text(std::make_unique<JsonText>(context_, depth_, hints_.role, tells_deltas()));
    }
    switch (type_.family) {
      case FileFamily::kJson:
        tell_label();
        return text(std::make_unique<JsonText>(context_, depth_, hints_.role, tells_deltas()));
      case FileFamily::kText:
        tell_label();
        if (is_data_stream()) {
          type_ = {"event-stream", FileFamily::kText};
          return text(std::make_unique<JsonText>(context_, depth_, Role::kAssistant, true));
        }
        if (depth_ == 0 && is_json_type(type_name_) && hints_.file_name.empty()) {
          type_ = {"json", FileFamily::kJson};  // a string, a number, or the middle of one
          return text(std::make_unique<JsonText>(context_, depth_, hints_.role, tells_deltas()));
        }
        return text(make_text());
      case FileFamily::kMarkup:
        tell_label();
        // Names of elements say what data is: XML is read as it stands, unless it is a text set in
        // it.
        if (type_.name == "xml")
          return text(holds_set_text()
                          ? make_markup_text(context_, depth_, hints_.role, Markup::kOffice)
                          : make_xml_text(context_, depth_, hints_.role));
        return text(make_markup_text(context_, depth_, hints_.role,
                                     type_.name == "html" ? Markup::kHtml : Markup::kXml));
      case FileFamily::kRtf:
        return text(make_rtf_text(context_, depth_, hints_.role));
      case FileFamily::kMail:
        return type_.name == "mbox"
                   ? make_mbox_reader(context_, depth_, hints_.role)
                   : make_entity_reader(context_, depth_, hints_.role, EntityKind::kMail);
      case FileFamily::kCompressed: {
        PartHints inner;
        inner.file_name = name_inside(hints_.file_name);
        inner.role = hints_.role;
        inner.file = true;
        stopped_inside_ = true;
        return make_content_decoder(context_, type_.name,
                                    make_part_reader(context_, inner, depth_ + 1));
      }
      case FileFamily::kDocument:
        stopped_inside_ = true;
        return make_document_spool(context_, type_, hints_, depth_, status_);
      case FileFamily::kModel:
        return make_model_reader(context_, type_.name, depth_, status_);
      case FileFamily::kBinary:
        return std::make_unique<FirstBytes>(
            kOpaqueBytesMax, make_runs_reader(context_, depth_, hints_.role), status_);
      case FileFamily::kMedia:
      case FileFamily::kProgram:
      case FileFamily::kEmpty:
        return std::make_unique<Nothing>();
    }
    return std::make_unique<Nothing>();
  }

  std::unique_ptr<TextSink> make_text() {
    if (type_.name == "vcard" || type_.name == "icalendar")
      return make_unfolded_text(context_, depth_, hints_.role);
    auto plain = make_plain_text(context_, depth_, hints_.role);
    if (!hints_.attachment) return plain;
    return make_uu_text(context_, depth_, hints_.role, std::move(plain));
  }
  [[nodiscard]] bool tells_deltas() const {
    if (depth_ != 0) return false;
    return context_.messages ||
           (!context_.to_server &&
            (type_.name == "ndjson" || is_line_json_type(type_name_) || is_list_of_answers()));
  }
  // Gemini's answers where nobody asked for events: a list that comes item by item.
  [[nodiscard]] bool is_list_of_answers() const {
    const std::string_view head = as_text(Bytes{head_});
    const std::size_t begin = head.find_first_not_of("\xef\xbb\xbf \t\r\n");
    return begin != head.npos && head[begin] == '[' && head.find("\"candidates\"") != head.npos;
  }
  // The AI SDK's data stream: lines of a letter or digit, a colon, and JSON.
  [[nodiscard]] bool is_data_stream() const {
    return depth_ == 0 && !context_.to_server && head_.size() > 3 && head_[1] == ':' &&
           (head_[2] == '"' || head_[2] == '{' || head_[2] == '[') &&
           (is_digit(head_[0]) || is_lower(head_[0]));
  }
  static std::string name_inside(const std::string& name) {
    for (const std::string_view ending : {".gz", ".zst", ".gzip", ".zstd"}) {
      if (name.size() > ending.size() &&
          name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
        return name.substr(0, name.size() - ending.size());
      }
    }
    if (name.size() > 4 && name.compare(name.size() - 4, 4, ".tgz") == 0) {
      return name.substr(0, name.size() - 4) + ".tar";
    }
    return name;
  }

  BodyContext& context_;
  PartHints hints_;
  PartStatus status_;
  std::string type_name_;  // the declared media type, lower case
  std::vector<std::uint8_t> head_;
  std::unique_ptr<ByteSink> inside_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
  std::uint64_t gap_bytes_ = 0;
  FileType type_;
  MediaSize media_;
  std::uint32_t depth_;
  bool file_ = false;
  bool hashing_ = false;
  bool refused_ = false;
  bool looked_for_disc_ = false;
  bool in_multipart_ = false;
  bool stopped_inside_ = false;
};

}  // namespace

std::unique_ptr<ByteSink> make_part_reader(BodyContext& context, const PartHints& hints,
                                           std::uint32_t depth) {
  return std::make_unique<PartReader>(context, hints, depth);
}

}  // namespace gnomon::content
