#include "gnomon/message/dns_message.h"

#include <algorithm>
#include <cstring>

#include "gnomon/bytes/ascii.h"
#include "gnomon/message/ech.h"

namespace gnomon::message {
namespace {

constexpr std::string_view kRoot = "<Root>";
constexpr unsigned kPointersMax = 64;  // of one name: those of ip6.arpa have 34 labels
constexpr std::string_view kDnsMediaType = "application/dns-message";
constexpr std::uint16_t kClassMask = 0x7fff;  // the top bit is mDNS's cache-flush or QU (RFC 6762)

// SvcParamKeys (RFC 9460 §14.3.2, RFC 9848 for ech).
enum SvcParam : std::uint16_t {
  kAlpn = 1,
  kPort = 3,
  kIpv4Hint = 4,
  kEch = 5,
  kIpv6Hint = 6,
};


std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

// Reads names and records into a DnsMessage.
class DnsParser {
 public:
  DnsParser(Bytes bytes, DnsMessage& out) : whole_(bytes), out_(out) {}

  bool parse() {
    out_.questions.clear();
    out_.records.clear();
    out_.text_used_ = 0;
    out_.whole = false;
    out_.response = out_.authoritative = out_.truncated_flag = false;
    out_.id = out_.rcode = out_.opcode = 0;

    ByteReader in{whole_};
    out_.id = in.u16();
    const std::uint16_t flags = in.u16();
    const std::uint16_t questions = in.u16();
    const std::array<std::uint16_t, 3> records{in.u16(), in.u16(), in.u16()};
    if (!in.ok()) return false;
    out_.response = (flags & 0x8000) != 0;
    out_.opcode = static_cast<std::uint8_t>((flags >> 11) & 0xf);
    out_.authoritative = (flags & 0x0400) != 0;
    out_.truncated_flag = (flags & 0x0200) != 0;
    out_.rcode = flags & 0xf;

    bool good = true;
    for (std::uint16_t i = 0; i < questions; ++i) {
      if (!read_question(in, good)) return !out_.questions.empty();
    }
    for (std::size_t section = 0; section < records.size(); ++section) {
      for (std::uint16_t i = 0; i < records[section]; ++i) {
        if (!read_record(in, static_cast<DnsSection>(section), good))
          return !out_.questions.empty() || !out_.records.empty();
      }
    }
    out_.whole = good;
    return good || !out_.questions.empty() || !out_.records.empty() || !left_out_;
  }

 private:
  // Offset of what `in`, which ends at offset `end`, reads next.
  static std::size_t position(const ByteReader& in, std::size_t end) {
    return end - in.remaining();
  }

  // A name that begins where `in` stands (RFC 1035 §4.1.4). Each pointer must lead before the place
  // where the labels that it ends began, so the walk always ends; that there are few makes it
  // short. One that is longer than names are (§2.3.4), or whose pointer leads nowhere, is none, but
  // tells where it ends: `in` stands there, and no_name_ is set.
  std::string_view read_name(ByteReader& in, std::size_t end) {
    std::size_t limit = position(in, end);
    ByteReader at = in;
    bool jumped = false;
    unsigned pointers = 0;
    std::size_t wire_bytes = 1;
    char* const text = out_.text_->data() + out_.text_used_;
    const std::size_t room = kDnsTextBytesMax - out_.text_used_;
    std::size_t size = 0;
    while (true) {
      const std::uint8_t length = at.u8();
      if (!at.ok()) break;
      if (length == 0) {
        if (!jumped) in = at;
        if (size == 0) return kRoot;
        out_.text_used_ += size;
        return {text, size};
      }
      if ((length & 0xc0) == 0xc0) {
        const std::size_t target = static_cast<std::size_t>(length & 0x3f) << 8 | at.u8();
        if (!at.ok()) break;
        if (!jumped) in = at;
        jumped = true;
        if (target >= limit || ++pointers > kPointersMax) break;
        limit = target;
        at = ByteReader{whole_.subspan(target)};
        continue;
      }
      if ((length & 0xc0) != 0) break;
      const Bytes label = at.take(length);
      wire_bytes += label.size() + 1;
      if (!at.ok()) break;
      if (wire_bytes > kDnsNameBytesMax) {
        no_name_ = true;
        // Behind a pointer the name has ended here long since.
        if (!jumped) in = skip_labels(at);
        return {};
      }
      if (size + label.size() + 1 > room) break;
      if (size != 0) text[size++] = '.';
      std::memcpy(text + size, label.data(), label.size());
      size += label.size();
    }
    if (jumped)
      no_name_ = true;
    else
      in.fail();
    return {};
  }

  // What follows the labels that `at` stands before, and the pointer or root that ends them. Failed
  // when they do not end.
  static ByteReader skip_labels(ByteReader at) {
    while (true) {
      const std::uint8_t length = at.u8();
      if (!at.ok() || length == 0) return at;
      if ((length & 0xc0) == 0xc0) {
        at.u8();
        return at;
      }
      if ((length & 0xc0) != 0) at.fail();
      at.take(length);
    }
  }

  // As read_record().
  bool read_question(ByteReader& in, bool& good) {
    if (out_.questions.size() == kDnsQuestionsMax) {  // what they ask for is not even read
      good = false;
      in = skip_labels(in);
      in.take(4);
      return in.ok();
    }
    DnsQuestion question;
    no_name_ = false;
    question.name = read_name(in, whole_.size());
    question.type = in.u16();
    question.klass = in.u16() & kClassMask;
    if (!in.ok()) return false;
    if (no_name_) {
      good = false;
      left_out_ = true;
      return true;
    }
    out_.questions.push_back(question);
    return true;
  }

  // False when the reading of the message ends here. A record whose data make no sense, or whose
  // name is too long, is left out, and `good` becomes false.
  bool read_record(ByteReader& in, DnsSection section, bool& good) {
    if (out_.records.size() == kDnsRecordsMax) return false;
    DnsRecord record;
    record.section = section;
    no_name_ = false;
    record.name = read_name(in, whole_.size());
    record.type = in.u16();
    record.klass = in.u16();
    record.ttl = in.u32();
    record.data = in.take(in.u16());
    if (!in.ok()) return false;
    if (record.type == kDnsOpt) {
      out_.rcode = static_cast<std::uint16_t>(out_.rcode | (record.ttl >> 24) << 4);
    } else {
      record.klass &= kClassMask;
    }
    const bool named = !no_name_;
    left_out_ |= !named;
    if (named && read_data(record, position(in, whole_.size())) && !no_name_) {
      out_.records.push_back(record);
    } else {
      good = false;
    }
    return true;
  }

  // `end`: the offset where the data end.
  bool read_data(DnsRecord& record, std::size_t end) {
    ByteReader in{record.data};
    switch (record.type) {
      case kDnsA: {
        const Bytes address = in.take(4);
        if (in.ok()) record.address = IpAddress::v4(address.data());
        break;
      }
      case kDnsAaaa: {
        const Bytes address = in.take(16);
        if (in.ok()) record.address = IpAddress::v6(address.data());
        break;
      }
      case kDnsCname:
      case kDnsDname:
      case kDnsNs:
      case kDnsPtr:
      case kDnsSoa:
        record.target = read_name(in, end);
        break;
      case kDnsMx:
        record.priority = in.u16();
        record.target = read_name(in, end);
        break;
      case kDnsSrv:
        record.priority = in.u16();
        in.u16();  // weight
        record.port = in.u16();
        record.target = read_name(in, end);
        break;
      case kDnsTxt:
        record.target = as_text(in.take(in.u8()));
        break;
      case kDnsSvcb:
      case kDnsHttps:
        record.priority = in.u16();
        record.target = read_name(in, end);
        if (in.ok()) return read_parameters(in, record);
        break;
      default:
        break;
    }
    return in.ok();
  }

  // SvcParams = *( SvcParamKey SvcParamValueLength SvcParamValue ) (RFC 9460 §2.2)
  bool read_parameters(ByteReader& in, DnsRecord& record) {
    while (!in.at_end()) {
      const std::uint16_t key = in.u16();
      const Bytes value = in.take(in.u16());
      if (!in.ok()) return false;
      ByteReader inner{value};
      switch (key) {
        case kAlpn:
          record.alpn = join_protocols(inner);
          break;
        case kPort:
          record.port = inner.u16();
          break;
        case kIpv4Hint:
          if (value.size() % 4 == 0) record.ipv4_hint = value;
          break;
        case kEch:
          record.has_ech = true;
          record.ech_public_name = read_ech_public_name(value);
          break;
        case kIpv6Hint:
          if (value.size() % 16 == 0) record.ipv6_hint = value;
          break;
        default:
          break;
      }
    }
    return true;
  }

  std::string_view join_protocols(ByteReader& in) {
    char* const text = out_.text_->data() + out_.text_used_;
    const std::size_t room = kDnsTextBytesMax - out_.text_used_;
    std::size_t size = 0;
    while (!in.at_end()) {
      const Bytes protocol = in.take(in.u8());
      if (!in.ok() || size + protocol.size() + 1 > room) return {};
      if (size != 0) text[size++] = ',';
      if (!protocol.empty()) std::memcpy(text + size, protocol.data(), protocol.size());
      size += protocol.size();
    }
    out_.text_used_ += size;
    return {text, size};
  }

  Bytes whole_;
  DnsMessage& out_;
  bool no_name_ = false;   // a name of the question or record at hand makes none
  bool left_out_ = false;  // something was, for its own name
};

DnsMessage::DnsMessage() : text_(std::make_unique<std::array<char, kDnsTextBytesMax>>()) {}

void DnsMessage::lower_names() {
  char* const text = text_->data();
  std::for_each(text, text + text_used_, [](char& c) { c = to_lower(c); });
}

bool parse_dns(Bytes bytes, DnsMessage& out) { return DnsParser{bytes, out}.parse(); }

bool is_dns_media_type(std::string_view content_type) {
  if (content_type.size() < kDnsMediaType.size()) return false;
  const std::string_view rest = content_type.substr(kDnsMediaType.size());
  if (!rest.empty() && rest[0] != ';' && rest[0] != ' ' && rest[0] != '\t') return false;
  return std::equal(kDnsMediaType.begin(), kDnsMediaType.end(), content_type.begin(),
                    [](char wanted, char c) { return wanted == to_lower(c); });
}

bool dns_looks_plausible(Bytes bytes) {
  ByteReader in{bytes};
  in.u16();
  const std::uint16_t flags = in.u16();
  const std::uint16_t questions = in.u16();
  const std::uint32_t answers = in.u16();
  const std::uint32_t others = static_cast<std::uint32_t>(in.u16()) + in.u16();
  const bool response = (flags & 0x8000) != 0;
  const unsigned opcode = (flags >> 11) & 0xf;
  if (!in.ok() || questions != 1 || (opcode != 0 && opcode != 4 && opcode != 5)) return false;
  if ((flags & 0x0040) != 0 || (flags & 0xf) > 10) return false;
  if (!response && ((flags & 0x008f) != 0 || (opcode == 0 && answers != 0))) return false;

  std::size_t name_bytes = 1;
  for (std::uint8_t length = in.u8(); length != 0; length = in.u8()) {
    const Bytes label = in.take(length);
    name_bytes += label.size() + 1;
    if (!in.ok() || length > 63 || name_bytes > kDnsNameBytesMax) return false;
    if (!std::all_of(label.begin(), label.end(), [](std::uint8_t c) {
          return is_alnum(static_cast<char>(c)) || c == '-' || c == '_' || c == '*';
        }))
      return false;
  }
  const std::uint16_t type = in.u16();
  const std::uint16_t klass = in.u16() & kClassMask;
  if (!in.ok() || type == 0 || (type > 258 && type < 32768)) return false;
  if (klass != 1 && klass != 3 && klass != 255) return false;
  // The smallest record: root, type, class, TTL and length.
  constexpr std::uint32_t kRecordBytesMin = 11;
  const bool cut = (flags & 0x0200) != 0;
  return cut || in.remaining() >= static_cast<std::size_t>(answers + others) * kRecordBytesMin;
}

}  // namespace gnomon::message
