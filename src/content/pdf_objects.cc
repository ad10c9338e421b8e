#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document_reader.h"
#include "header_fields.h"
#include "pdf_filters.h"
#include "pdf_tokens.h"
#include "text_formats.h"
#include "text_writer.h"

// What a PDF holds beside its pages (ISO 32000-1): comments, form fields, bookmarks, properties,
// targets of links, XFA forms and attached files. Its objects are read one after another as they
// lie in the file, without the tables that tell where they are, so a damaged one is read too.
namespace gnomon::content {
namespace {

constexpr std::size_t kNestingMax = 64;
constexpr std::size_t kFilesMax = 4;        // of one name
constexpr std::size_t kPropertiesMax = 16;  // dictionaries of them, as each change may add one
// Numbers that no file gives an object are given to files that stand inside others.
constexpr std::uint32_t kFirstUnnumbered = 1'000'000'000;

// Keys whose strings are read by people.
constexpr std::string_view kTold[] = {"Contents", "RC",   "V",        "DV",  "TU",  "Title",
                                      "Subject",  "Subj", "Keywords", "URI", "Opt", "JS",
                                      "Alt",      "Desc", "Author",   "CA"};
// Keys whose streams are.
constexpr std::string_view kToldStreams[] = {"XFA", "RC", "V", "JS"};
// What programs say of themselves in a document's properties.
constexpr std::string_view kNotTold[] = {"Producer", "Creator", "CreationDate", "ModDate"};

template <std::size_t N>
bool one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// One dictionary while it is read; the first of an object is the object itself.
struct Dictionary {
  std::string key;         // whose value comes next
  std::size_t arrays = 0;  // that are open in that value
  std::string type;
  std::string subtype;
  std::string title;                         // of a form's field
  std::vector<std::string> values;           // of that field
  std::vector<std::uint32_t> value_objects;  // that hold some
  std::string text;
  std::string file_name;
  std::vector<std::uint32_t> files;  // streams of that name
  PdfPacking packing;                // of the stream behind it
  PdfLength length;
  PdfParameters parameters;
  std::uint32_t first = 0;  // where the objects of an object stream begin
};

struct Object {
  std::uint32_t number = 0;
  bool appearance = false;  // is drawn on the page, where its text is read
  std::vector<Dictionary> open{1};
  std::size_t deeper = 0;  // dictionaries that are open and not kept
  Dictionary closed;       // last
};

struct Stream {
  std::string_view data;
  PdfPacking packing;
};

class PdfObjects {
 public:
  PdfObjects(BodyContext& context, std::string_view bytes, Role role, std::uint32_t depth,
             PartStatus& status)
      : context_(context),
        bytes_(bytes),
        role_(role),
        depth_(depth),
        status_(status),
        writer_(context, depth),
        data_(bytes) {}

  void read() {
    find_properties();
    read_objects(bytes_, 0, false);
    tell_strings();
    writer_.finish();
    for (const auto& [number, stream] : files_) tell_file(number, stream);
    // Writers leave out that a stream is a file, where a name says so.
    for (const auto& [number, name] : names_) {
      const auto stream = streams_.find(number);
      if (stream != streams_.end()) tell_file(number, stream->second);
    }
    for (const std::uint32_t number : told_streams_) {
      const auto stream = streams_.find(number);
      if (stream == streams_.end() || context_.stopped) continue;
      const std::string data = decoded(stream->second);
      if (data.empty() || !context_.admit(data.size())) continue;
      const auto text =
          make_text_stage(context_, {}, make_markup_text(context_, depth_, role_, Markup::kXml));
      context_.brk();
      text->write(as_bytes(data));
      text->finish(true);
      context_.brk();
    }
  }

 private:
  // The dictionaries of properties (14.3.3) are those that trailers name.
  void find_properties() {
    constexpr std::string_view kMark = "/Info";
    for (std::size_t at = bytes_.find(kMark);
         at != bytes_.npos && properties_.size() < kPropertiesMax; at = bytes_.find(kMark, at)) {
      at += kMark.size();
      PdfTokens tokens{bytes_.substr(at, 64)};
      const std::string number = tokens.next().text;
      tokens.next();
      if (tokens.next().text == "R") properties_.insert(pdf_number(number));
    }
  }

  // Objects in the file, or one of an object stream (7.5.7), where they stand without "obj".
  void read_objects(std::string_view text, std::uint32_t number, bool in_stream) {
    PdfTokens tokens{text};
    Object object;
    object.number = number;
    std::array<std::string, 2> words;  // that came last: "12 0" of "12 0 R" and "12 0 obj"
    while (!context_.stopped) {
      PdfToken token = tokens.next();
      Dictionary& now = object.open.back();
      switch (token.kind) {
        case PdfToken::Kind::kEnd:
          tell(object);
          return;
        case PdfToken::Kind::kOpen:
          if (object.open.size() < kNestingMax)
            object.open.emplace_back();
          else
            ++object.deeper;
          break;
        case PdfToken::Kind::kClose:
          if (object.deeper > 0)
            --object.deeper;
          else if (object.open.size() > 1)
            close(object);
          if (in_stream && number == 0 && object.open.size() == 1) tell(object);
          break;
        case PdfToken::Kind::kName:
          take_name(object, now, std::move(token.text));
          break;
        case PdfToken::Kind::kString:
          take_string(object, now, token.text);
          break;
        case PdfToken::Kind::kBracket:
          if (token.text == "[") ++now.arrays;
          if (token.text != "]") break;
          now.arrays -= now.arrays > 0 ? 1 : 0;
          if (now.arrays == 0) now.key.clear();
          break;
        case PdfToken::Kind::kWord:
          if (token.text == "R") {
            take_reference(object, now, pdf_number(words[0]));
          } else if (token.text == "obj") {
            tell(object);
            object.number = pdf_number(words[0]);
          } else if (token.text == "stream" && !in_stream) {
            take_stream(object, tokens);
          } else if (token.text == "endobj") {
            tell(object);
          } else {
            take_word(now, token.text);
          }
          words[0] = std::exchange(words[1], std::move(token.text));
          break;
      }
    }
  }

  static bool is_filter(std::string_view name) {
    return name.ends_with("Decode") || pdf_filter_named(name) != PdfFilter::kOther;
  }
  // A key, or the value of one.
  static void take_name(Object& object, Dictionary& now, std::string name) {
    if (now.key == "Type") {
      now.type = std::move(name);
    } else if (now.key == "Subtype" || now.key == "S") {
      now.subtype = std::move(name);
    } else if ((now.key == "Filter" || now.key == "F") && is_filter(name)) {
      if (now.packing.filters.size() < kPdfFiltersMax)
        now.packing.filters.push_back(pdf_filter_named(name));
      return;  // more may follow
    } else {
      if (name == "AP") object.appearance = true;
      now.key = std::move(name);
      now.arrays = 0;
      return;
    }
    now.key.clear();
  }
  static void take_word(Dictionary& now, std::string_view word) {
    const std::uint32_t number = pdf_number(word);
    if (now.key == "Length") now.length = {number, 0};
    if (now.key == "First") now.first = number;
    if (now.key == "EarlyChange") now.parameters.early_change = word != "0";
    if (now.key == "Predictor") now.parameters.predictor = number;
    if (now.key == "Colors") now.parameters.colors = number;
    if (now.key == "BitsPerComponent") now.parameters.bits = number;
    if (now.key == "Columns") now.parameters.columns = number;
    if (now.key == "DecodeParms" && word == "null") add_parameters(now, {});
  }
  static void add_parameters(Dictionary& now, const PdfParameters& parameters) {
    if (now.packing.parameters.size() < kPdfFiltersMax)
      now.packing.parameters.push_back(parameters);
  }

  void take_string(Object& object, Dictionary& now, std::string_view string) {
    if (now.key == "T") now.title = pdf_text(string);
    if (now.key == "UF" || (now.key == "F" && now.file_name.empty()))
      now.file_name = pdf_text(string);
    if (string.size() >= kPdfStringBytesMax) status_.truncated = true;
    if (now.text.size() > kPdfStringBytesMax) {
      status_.truncated = true;
      return;
    }
    if (object.open.size() == 1 && now.key.empty() && object.number != 0) {
      // An object of its own: the value of a key elsewhere.
      if (strings_.size() < kPdfObjectsMax) strings_[object.number] += pdf_text(string) + '\n';
      return;
    }
    if (!one_of(now.key, kTold)) {
      // What people and their programs add to the properties has any name.
      if (object.open.size() == 2 && !now.key.empty() && properties_.contains(object.number) &&
          !one_of(now.key, kNotTold)) {
        now.text += pdf_text(now.key) + ": " + pdf_text(string) + '\n';
      }
      return;
    }
    // What is drawn is told with the page.
    if ((now.key == "V" || now.key == "DV" || now.key == "CA") && object.appearance) return;
    if (now.key == "V")
      now.values.push_back(pdf_text(string));
    else
      now.text += pdf_text(string) + '\n';
  }
  void take_reference(Object& object, Dictionary& now, std::uint32_t number) {
    if (now.key == "Length") now.length = {{}, number};
    if (number == 0 || names_.size() + told_streams_.size() + labels_.size() > kPdfObjectsMax)
      return;
    if (is_file_list(object) && (now.key == "F" || now.key == "UF")) {
      Dictionary& named = object.open[object.open.size() - 2];
      if (named.files.size() < kFilesMax) named.files.push_back(number);
    }
    if (one_of(now.key, kToldStreams)) told_streams_.insert(number);
    if (now.key == "V") now.value_objects.push_back(number);
  }
  // Whether the innermost dictionary is an /EF (7.11.4).
  static bool is_file_list(const Object& object) {
    return object.open.size() > 1 && object.open[object.open.size() - 2].key == "EF";
  }

  void take_stream(Object& object, PdfTokens& tokens) {
    const Dictionary& facts = object.closed;
    const Stream stream{data_.data_at(tokens.at(), facts.length), facts.packing};
    tokens.go_to(static_cast<std::size_t>(stream.data.data() - bytes_.data()) + stream.data.size());
    std::uint32_t number = object.number;
    // Some writers put the stream itself where its number should be.
    if (is_file_list(object)) {
      number = next_unnumbered_++;
      Dictionary& named = object.open[object.open.size() - 2];
      if (named.files.size() < kFilesMax) named.files.push_back(number);
    }
    if (stream.data.empty()) return;
    if (facts.type == "ObjStm") {
      read_object_stream(decoded(stream), facts.first);
    } else if (facts.type == "EmbeddedFile") {
      if (files_.size() < context_.limits.parts_max)
        files_.emplace_back(number, stream);
      else
        status_.truncated = true;
    } else if (facts.type == "Metadata") {
      told_streams_.insert(number);
      streams_[number] = stream;
    } else if (facts.subtype != "Image" && facts.type != "XRef" &&
               streams_.size() < kPdfObjectsMax) {
      streams_[number] = stream;
    }
  }
  // 7.5.7: pairs of a number and a place, then the objects.
  void read_object_stream(const std::string& objects, std::uint32_t first) {
    if (!context_.admit(objects.size())) return;
    const std::string_view text{objects};
    std::map<std::size_t, std::uint32_t> numbers;  // by where they begin
    PdfTokens tokens{text.substr(0, first)};
    for (PdfToken token = tokens.next(); token.kind == PdfToken::Kind::kWord;
         token = tokens.next()) {
      const std::size_t at = first + std::size_t{pdf_number(tokens.next().text)};
      if (at < text.size() && numbers.size() < kPdfObjectsMax) numbers[at] = pdf_number(token.text);
    }
    if (numbers.empty()) return read_objects(text, 0, true);
    for (auto each = numbers.begin(); each != numbers.end(); ++each) {
      const auto next = std::next(each);
      const std::size_t end = next == numbers.end() ? text.size() : next->first;
      read_objects(text.substr(each->first, end - each->first), each->second, true);
    }
  }

  std::string decoded(const Stream& stream) {
    PdfUnpacked unpacked = pdf_unpacked(stream.data, stream.packing);
    if (!unpacked.whole) status_.truncated = true;
    return std::move(unpacked.data);
  }

  // What the innermost dictionary says goes to the one around it.
  void close(Object& object) {
    Dictionary closed = std::move(object.open.back());
    object.open.pop_back();
    Dictionary& outer = object.open.back();
    if (outer.key == "DecodeParms" || outer.key == "DP") add_parameters(outer, closed.parameters);
    for (const std::uint32_t number : closed.files) names_[number] = base_name(closed.file_name);
    if (!closed.title.empty())
      for (const std::uint32_t number : closed.value_objects) labels_[number] = closed.title;
    for (const std::string& value : closed.values) {
      if (!closed.title.empty()) closed.text += closed.title + ": ";
      closed.text += value + '\n';
    }
    // What a signature calls its contents is the signature.
    const bool seal = closed.type == "Sig" || closed.type == "DocTimeStamp";
    if (!seal) outer.text += closed.text;
    if (outer.arrays == 0) outer.key.clear();
    object.closed = std::move(closed);
  }
  void tell(Object& object) {
    while (object.open.size() > 1) close(object);
    tell_text(object.open.front().text);
    object = {};
  }
  void tell_text(const std::string& text) {
    if (text.empty() || !context_.admit(text.size())) return;
    writer_.brk();
    writer_.write(text, role_);
    writer_.brk();
  }
  void tell_strings() {
    for (const auto& [number, text] : strings_) {
      const auto label = labels_.find(number);
      tell_text(label == labels_.end() ? text : label->second + ": " + text);
    }
  }
  void tell_file(std::uint32_t number, const Stream& stream) {
    if (context_.stopped) return;
    const auto name = names_.find(number);
    PartHints hints;
    if (name != names_.end()) hints.file_name = name->second;
    hints.role = role_;
    hints.file = true;
    PdfUnpacked file = pdf_unpacked(stream.data, stream.packing);
    if (!file.whole) status_.truncated = true;
    if (!context_.admit(file.data.size())) return;
    const auto part = make_part_reader(context_, hints, depth_ + 1);
    part->write(as_bytes(file.data));
    part->finish(file.whole && (!file.data.empty() || stream.data.empty()));
  }

  BodyContext& context_;
  std::string_view bytes_;
  Role role_;
  std::uint32_t depth_;
  PartStatus& status_;
  TextWriter writer_;
  PdfStreams data_;
  std::vector<std::pair<std::uint32_t, Stream>> files_;  // attached
  std::map<std::uint32_t, std::string> names_;           // of them
  std::map<std::uint32_t, Stream> streams_;              // of which some are told
  std::set<std::uint32_t> told_streams_;
  std::map<std::uint32_t, std::string> strings_;  // that are objects of their own
  std::map<std::uint32_t, std::string> labels_;   // of the fields whose values they are
  std::set<std::uint32_t> properties_;            // objects that are the document's
  std::uint32_t next_unnumbered_ = kFirstUnnumbered;
};

}  // namespace

void read_pdf_objects(BodyContext& context, Bytes bytes, const PartHints& hints,
                      std::uint32_t depth, PartStatus& status) {
  const std::string_view text = as_text(bytes);
  // All strings are then encrypted, and pdftotext says whether it can open the file.
  if (is_encrypted_pdf(text)) return;
  PdfObjects{context, text, hints.role, depth, status}.read();
}

}  // namespace gnomon::content
