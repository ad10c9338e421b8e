#pragma once

#include <memory>
#include <string_view>

#include "body_context.h"
#include "text_sink.h"

// The text formats that are read as they stream by. Each maker gives a stage that takes UTF-8.
namespace gnomon::content {

std::unique_ptr<TextSink> make_plain_text(BodyContext& context, std::uint32_t depth, Role role);

// iCalendar and vCard: lines that go on behind a line end and a blank are one (RFC 5545 3.1).
std::unique_ptr<TextSink> make_unfolded_text(BodyContext& context, std::uint32_t depth, Role role);

// text/event-stream: the data of events, JSON or not, joined where they are deltas.
std::unique_ptr<TextSink> make_event_stream(BodyContext& context, std::uint32_t depth);

enum class Markup : std::uint8_t {
  kHtml,
  kXml,     // text and attributes
  kOffice,  // OOXML, ODF: text, with attributes only where they hold some
  kMaster,  // slides' masters and layouts: without what is shown only until somebody writes there
};
// Text as a reader would see it: words not cut by tags, entities undone, a line per block, a tab
// per cell. Attributes and comments follow the block that they stand in.
std::unique_ptr<TextSink> make_markup_text(BodyContext& context, std::uint32_t depth, Role role,
                                           Markup markup);

std::unique_ptr<TextSink> make_rtf_text(BodyContext& context, std::uint32_t depth, Role role);

// Decodes characters of `charset_name` for `next`; unless that is certain, the first bytes may say
// otherwise.
std::unique_ptr<ByteSink> make_text_stage(BodyContext& context, std::string_view charset_name,
                                          std::unique_ptr<TextSink> next, bool certain = false);

// application/x-www-form-urlencoded: each field a value; JSON in one is read as JSON.
std::unique_ptr<ByteSink> make_form_reader(BodyContext& context, std::uint32_t depth);

// Binary formats without a reader of their own: protobuf strings where the framing is such,
// else runs of readable characters.
std::unique_ptr<ByteSink> make_protobuf_reader(BodyContext& context, std::uint32_t depth,
                                               bool framed);
std::unique_ptr<ByteSink> make_runs_reader(BodyContext& context, std::uint32_t depth, Role role);

}  // namespace gnomon::content
