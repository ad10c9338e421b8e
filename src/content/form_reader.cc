#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base64_decoder.h"
#include "encoded_values.h"
#include "gnomon/content/text_decoder.h"
#include "json_keys.h"
#include "json_text.h"
#include "text_formats.h"
#include "text_guess.h"
#include "text_writer.h"

namespace gnomon::content {
namespace {

constexpr std::size_t kNameBytesMax = 128;

// application/x-www-form-urlencoded (URL Standard §5).
class FormReader final : public ByteSink {
 public:
  FormReader(BodyContext& context, std::uint32_t depth)
      : context_(context),
        writer_(context, depth),
        values_(context, writer_, depth, EncodedValues::Of::kForm),
        depth_(depth) {}

  void write(Bytes bytes) override {
    std::string_view text = as_text(bytes);
    while (!text.empty()) {
      if (in_name_) {
        const std::size_t end = std::min(text.find_first_of("=&"), text.size());
        name_.append(
            text.substr(0, std::min(end, kNameBytesMax - std::min(kNameBytesMax, name_.size()))));
        text.remove_prefix(end);
        if (text.empty()) break;
        const bool has_value = text.front() == '=';
        text.remove_prefix(1);
        begin_value();
        if (has_value) {
          in_name_ = false;
        } else {
          end_value();
        }
      } else {
        const std::size_t end = std::min(text.find('&'), text.size());
        decoded_.clear();
        percent_.write(text.substr(0, end), decoded_);
        value();
        text.remove_prefix(end);
        if (text.empty()) break;
        text.remove_prefix(1);
        end_value();
        in_name_ = true;
      }
    }
  }
  void gap(std::uint64_t) override {
    // Names cannot be told from values behind it.
    end_value();
    in_name_ = true;
    name_.clear();
  }
  void finish(bool) override {
    if (in_name_ && !name_.empty()) begin_value();
    end_value();
    writer_.finish();
  }
  [[nodiscard]] std::size_t memory_bytes() const override {
    return name_.capacity() + decoded_.capacity() + text_.capacity() + writer_.memory_bytes() +
           values_.memory_bytes() + (json_ ? json_->memory_bytes() : 0);
  }

 private:
  void begin_value() {
    std::vector<std::uint8_t> plain;
    PercentDecoder decoder{true};
    decoder.write(name_, plain);
    decoder.finish(plain);
    name_.assign(plain.begin(), plain.end());
    utf8_ = TextDecoder{Charset::kUtf8};
    std::string clean;
    TextDecoder names{Charset::kUtf8};
    names.write(as_bytes(name_), clean);
    names.finish(clean);
    const Key& key = key_named(clean);
    role_ = context_.to_server ? key.to_server : key.to_client;
    first_ = true;
    label_ = std::move(clean);
  }
  void value() {
    text_.clear();
    utf8_.write(Bytes{decoded_}, text_);
    tell();
  }
  void tell() {
    if (text_.empty()) return;
    if (first_) {
      first_ = false;
      if (text_.front() == '{' || text_.front() == '[') {
        json_ = std::make_unique<JsonText>(context_, depth_, role_, false);
      } else {
        writer_.write(label_, role_);
        writer_.write("=", role_);
        values_.begin();
      }
    }
    if (json_) {
      json_->write(text_);
    } else {
      values_.write(text_, role_);
    }
  }
  void end_value() {
    decoded_.clear();
    percent_.finish(decoded_);
    text_.clear();
    utf8_.write(Bytes{decoded_}, text_);
    utf8_.finish(text_);
    tell();
    if (json_) {
      json_->finish();
      json_.reset();
    } else if (!first_ || !label_.empty()) {
      values_.end(true);
      if (first_) writer_.write(label_, role_);
      writer_.write("\n", role_);
    }
    name_.clear();
    label_.clear();
    first_ = true;
  }

  BodyContext& context_;
  TextWriter writer_;
  EncodedValues values_;
  PercentDecoder percent_{true};
  TextDecoder utf8_{Charset::kUtf8};
  std::vector<std::uint8_t> decoded_;
  std::string text_;
  std::string name_;
  std::string label_;
  std::unique_ptr<JsonText> json_;
  std::uint32_t depth_;
  Role role_ = Role::kNone;
  bool in_name_ = true;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<ByteSink> make_form_reader(BodyContext& context, std::uint32_t depth) {
  return std::make_unique<FormReader>(context, depth);
}

}  // namespace gnomon::content
