// How a shard reads UDP: names on well-known ports, QUIC on any, nDPI for the rest.
#include <algorithm>

#include "gnomon/bytes/hash.h"
#include "gnomon/bytes/hex.h"
#include "gnomon/identify/sighting.h"
#include "gnomon/message/dhcp_message.h"
#include "gnomon/packet/decoder.h"
#include "gnomon/sensor/shard.h"

namespace gnomon::sensor {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kMdnsPort = 5353;
constexpr std::uint16_t kLlmnrPort = 5355;
constexpr std::uint16_t kDhcpServerPort = 67;
constexpr std::uint16_t kDhcpClientPort = 68;
constexpr std::uint16_t kDhcp6ClientPort = 546;
constexpr std::uint16_t kDhcp6ServerPort = 547;

// On a port that says nothing: a query or its answer, whole, for a name of two labels and more. Names
// of one label are what NetBIOS asks for, in the same format.
bool is_dns_elsewhere(Bytes payload) {
  if (payload.size() <= message::kDnsHeaderBytes || !message::dns_looks_plausible(payload))
    return false;
  const std::size_t second = message::kDnsHeaderBytes + 1 + payload[message::kDnsHeaderBytes];
  return second < payload.size() && payload[second] != 0;
}

void append_mac(const std::array<std::uint8_t, 6>& mac, std::string& out) {
  for (std::size_t i = 0; i < mac.size(); ++i) {
    if (i > 0) out += ':';
    append_hex(mac[i], out);
  }
}

}  // namespace

void Shard::read_udp(const packet::Packet& packet, flow::Side sender) {
  FlowNotes& notes = *notes_;
  const auto on = [&](std::uint16_t port) {
    return flow_->lower_port == port || flow_->higher_port == port;
  };
  const Bytes payload = packet.payload_view();
  // A client may have taken any of these ports for its own. What begins like QUIC makes no sense as
  // a message of theirs.
  if (notes.mode == Mode::kUndecided && !message::looks_like_quic_initial(payload)) {
    if (on(kDnsPort)) {
      notes.mode = Mode::kDns;
    } else if (on(kMdnsPort)) {
      notes.mode = Mode::kMdns;
    } else if (on(kLlmnrPort)) {
      notes.mode = Mode::kLlmnr;
    } else if (on(kDhcpServerPort) || on(kDhcpClientPort)) {
      notes.mode = Mode::kDhcp;
    } else if (on(kDhcp6ClientPort) || on(kDhcp6ServerPort)) {
      notes.mode = Mode::kDhcp6;
    } else if (is_dns_elsewhere(payload)) {
      notes.mode = Mode::kDns;
    }
  }
  bool understood = true;
  switch (notes.mode) {
    case Mode::kDns:
      understood = read_dns(payload);
      break;
    case Mode::kMdns:
    case Mode::kLlmnr:
      understood = read_local_names(payload);
      break;
    case Mode::kDhcp:
    case Mode::kDhcp6:
      understood = read_dhcp(payload);
      break;
    case Mode::kQuic:
      understood = read_quic(packet, sender);
      break;
    case Mode::kUndecided:
    case Mode::kPlain:
      if (on(kDnsPort) && message::dns_looks_plausible(payload)) {  // after something else
        notes.mode = Mode::kDns;
        cancel_ndpi(notes);
        understood = read_dns(payload);
        break;
      }
      understood = notes.quic_tries < kQuicTries && read_quic(packet, sender);
      break;
    default:
      understood = false;
      break;
  }
  if (understood) return;
  // What does not speak what its port says is nDPI's, unless it has spoken it before.
  if (notes.mode != Mode::kPlain && !notes.spoke) notes.mode = Mode::kPlain;
  if (notes.mode != Mode::kPlain) return;
  // Neighbour discovery and the like may come before the first packet.
  if (!notes.carries_ip && !packet.truncated &&
      flow_->packets[0] + flow_->packets[1] <= kWatchDatagrams)
    notes.carries_ip = packet::holds_ip_packet(payload);
  show_ndpi(packet, sender);
  if (notes.ndpi_done && notes.quic == FlowNotes::kNone && ++notes.watched[0] >= kWatchDatagrams)
    flow_->reading = false;
}

// False when the flow is not QUIC, or nothing of its hello will ever be read.
bool Shard::read_quic(const packet::Packet& packet, flow::Side sender) {
  FlowNotes& notes = *notes_;
  const Bytes payload = packet.payload_view();
  if (notes.quic_session != FlowNotes::kNone) decrypt_quic(sender, payload);
  if (notes.quic == FlowNotes::kNone) {
    if (notes.mode == Mode::kQuic) {  // its hello was read, or its reader given up
      flow_->reading = notes.quic_session != FlowNotes::kNone;
      return true;
    }
    if (!message::looks_like_quic_initial(payload)) return false;
    make_room_for_quic();
    notes.quic = quic_.take();
    quic_[notes.quic].reset();
    quic_opened_.add({index_, notes.serial}, holds(&FlowNotes::quic));
    if (keys_.enabled() && notes.quic_session == FlowNotes::kNone) {
      begin_quic_session(notes);
      decrypt_quic(sender, payload);
    }
  }
  message::QuicInitialReader& reader = quic_[notes.quic];
  const bool from_client = sender == flow_->client;
  const auto reading = reader.feed(payload, from_client, quic_crypto_);
  if (const auto* found = std::get_if<message::QuicClientHello>(&reading)) {
    ++counters_.quic_hellos;
    notes.mode = Mode::kQuic;
    notes.spoke = true;
    cancel_ndpi(notes);
    const flow::Side client =
        reader.client_is_other_end() ? flow::other(flow_->client) : flow_->client;
    take_hello(found->hello, client,
               found->google_handshake ? HelloKind::kGoogleQuic : HelloKind::kQuic, found->version);
  } else if (reader.opened() && notes.mode != Mode::kQuic) {
    notes.mode = Mode::kQuic;  // more of its hello is to come
    cancel_ndpi(notes);
  }
  const bool over = reader.settled() || ++notes.quic_tries >= kQuicTries;
  if (over) {
    if (!notes.spoke) tell_partial_quic();
    end_quic(notes);
    if (notes.mode == Mode::kQuic) flow_->reading = notes.quic_session != FlowNotes::kNone;
  }
  // Until a packet has opened nDPI looks too: that first bytes look like QUIC proves nothing.
  return notes.mode == Mode::kQuic;
}

void Shard::tell_partial_quic() {
  const auto partial = quic_[notes_->quic].partial();
  if (!partial || partial->hello.server_name.empty()) return;
  ++counters_.partial_hellos;
  set_lowered_host(*notes_, partial->hello.server_name, observation::HostSource::kTlsSniPartial);
}

void Shard::end_quic(FlowNotes& notes) {
  if (!notes.spoke) ++counters_.quic_given_up;
  quic_.give_back(notes.quic);
  notes.quic = FlowNotes::kNone;
}

void Shard::make_room_for_quic() {
  while (quic_.used() >= kQuicMax) {
    const auto oldest = quic_opened_.take_oldest(holds(&FlowNotes::quic));
    if (!oldest) return;
    notes_of(oldest->flow).give_up();
    end_quic(notes_of(oldest->flow));
  }
}

bool Shard::read_dns(Bytes bytes) {
  if (!message::parse_dns(bytes, dns_message_)) {
    ++counters_.dns_malformed;
    return false;
  }
  ++counters_.dns_messages;
  notes_->spoke = true;
  dns_message_.lower_names();
  // Some put records with addresses into questions (inverse queries, updates): told as they are.
  const bool has_records = std::any_of(
      dns_message_.records.begin(), dns_message_.records.end(), [](const message::DnsRecord& each) {
        return each.type == message::kDnsA || each.type == message::kDnsAaaa ||
               each.type == message::kDnsCname;
      });
  if (dns_message_.response || has_records) {
    tell_dns_answer();
  } else {
    remember_query();
  }
  return true;
}

void Shard::remember_query() {
  if (dns_message_.questions.empty()) return;
  FlowNotes& notes = *notes_;
  for (const message::DnsQuestion& question : dns_message_.questions) {
    if (is_answered(question)) continue;
    if (notes.dns == FlowNotes::kNone) {
      make_room_for_queries();
      notes.dns = pending_.take();
      pending_[notes.dns].count = 0;
      queries_opened_.add({index_, notes.serial}, holds(&FlowNotes::dns));
    }
    remember_question(pending_[notes.dns], question);
  }
}

// What gives way is told as unanswered: so far nobody has.
void Shard::make_room_for_queries() {
  while (pending_.used() >= kPendingMax) {
    const auto oldest = queries_opened_.take_oldest(holds(&FlowNotes::dns));
    if (!oldest) return;
    ++counters_.dns_given_up;
    FlowNotes& notes = notes_of(oldest->flow);
    tell_all_unanswered(table_.flow(oldest->flow), notes);
    forget_queries(notes);
  }
}

void Shard::tell_all_unanswered(const flow::Flow& flow, const FlowNotes& notes) {
  if (notes.dns == FlowNotes::kNone) return;
  const PendingQueries& pending = pending_[notes.dns];
  for (std::size_t i = 0; i < pending.count; ++i) tell_unanswered(flow, pending.queries[i]);
}

void Shard::forget_queries(FlowNotes& notes) {
  if (notes.dns == FlowNotes::kNone) return;
  PendingQueries& pending = pending_[notes.dns];
  for (std::size_t i = 0; i < pending.count; ++i) texts_.release(pending.queries[i].name);
  pending_.give_back(notes.dns);
  notes.dns = FlowNotes::kNone;
}

EarlyAnswer Shard::answer_to(const message::DnsQuestion& question) const {
  const std::uint64_t asked =
      std::uint64_t{notes_->serial} << 32 | std::uint64_t{dns_message_.id} << 16 | question.type;
  return {mix(hash_text(question.name) ^ kHashSeed, asked ^ kHashStep), turn_.time};
}

bool Shard::is_answered(const message::DnsQuestion& question) const {
  const EarlyAnswer wanted = answer_to(question);
  const EarlyAnswer& there = early_answers_[wanted.key % kEarlyAnswers];
  return there.key == wanted.key && wanted.time - there.time <= kEarlyFor;
}

void Shard::remember_question(PendingQueries& pending, const message::DnsQuestion& question) {
  if (find_question(pending, question) < pending.count) return;  // asked again
  if (pending.count == PendingQueries::kMax) {  // the oldest will not be answered any more
    tell_unanswered(*flow_, pending.queries[0]);
    texts_.release(pending.queries[0].name);
    std::move(pending.queries.begin() + 1, pending.queries.end(), pending.queries.begin());
    --pending.count;
  }
  PendingQueries::Query& fresh = pending.queries[pending.count++];
  fresh = {turn_.time, turn_.number, texts_.intern(question.name), dns_message_.id, question.type};
}

// Where `question`, of the message at hand, waits; `pending.count` when it does not. Clients may
// ask for several names with one id, and for several in one message.
std::size_t Shard::find_question(const PendingQueries& pending,
                                 const message::DnsQuestion& question) const {
  std::size_t at = 0;
  while (at < pending.count &&
         (pending.queries[at].id != dns_message_.id || pending.queries[at].type != question.type ||
          texts_.text(pending.queries[at].name) != question.name))
    ++at;
  return at;
}

// An answer is told by its first question: that one has been told then.
void Shard::tell_dns_answer() {
  FlowNotes& notes = *notes_;
  if (dns_message_.response && !dns_message_.questions.empty()) {
    const EarlyAnswer told = answer_to(dns_message_.questions.front());
    early_answers_[told.key % kEarlyAnswers] = told;
  }
  if (notes.dns != FlowNotes::kNone && !dns_message_.questions.empty()) {
    PendingQueries& pending = pending_[notes.dns];
    const std::size_t asked = find_question(pending, dns_message_.questions.front());
    if (asked < pending.count) {
      texts_.release(pending.queries[asked].name);
      const auto at = pending.queries.begin() + static_cast<std::ptrdiff_t>(asked);
      std::move(at + 1, pending.queries.begin() + static_cast<std::ptrdiff_t>(pending.count), at);
      --pending.count;
    }
    if (pending.count == 0) {
      pending_.give_back(notes.dns);
      notes.dns = FlowNotes::kNone;
    }
  }
  tell_dns_record(*flow_);
}

// Which query it answers HTTP tells, and which flow has nothing to wait for.
void Shard::tell_dns(const flow::Flow& flow, Bytes message) {
  if (!message::parse_dns(message, dns_message_)) {
    ++counters_.dns_malformed;
    return;
  }
  ++counters_.dns_messages;
  dns_message_.lower_names();
  if (dns_message_.response) tell_dns_record(flow);
}

// What dns_message_ says.
void Shard::tell_dns_record(const flow::Flow& flow) {
  const auto is_answer = [](const message::DnsRecord& each) {
    // Addresses that a server adds unasked are told too; other records of those sections are not.
    return each.section == message::DnsSection::kAnswer
               ? each.type != message::kDnsOpt
               : each.type == message::kDnsA || each.type == message::kDnsAaaa ||
                     each.type == message::kDnsCname;
  };
  const auto answers = static_cast<std::size_t>(
      std::count_if(dns_message_.records.begin(), dns_message_.records.end(), is_answer));
  if (dns_message_.questions.empty() && answers == 0) return;

  Arena& arena = turn_.batch->arena;
  turn_.batch->dns.emplace_back();
  observation::DnsRecord& record = turn_.batch->dns.back();
  fill_conversation(flow, record.conversation);
  record.place = places_.of(turn_.number);
  record.time = turn_.time;
  record.id = dns_message_.id;
  record.answered = dns_message_.response;
  record.rcode = arena.copy(message::dns_rcode_name(dns_message_.rcode, text_));
  const auto list = arena.array<observation::DnsAnswer>(answers);
  std::size_t at = 0;
  for (const message::DnsRecord& each : dns_message_.records) {
    if (!is_answer(each)) continue;
    observation::DnsAnswer& answer = list[at++];
    answer.rrname = arena.copy(each.name);
    answer.rrtype = arena.copy(message::dns_type_name(each.type, text_));
    text_.clear();
    message::append_dns_data(each, text_);
    answer.rdata = arena.copy(text_);
    answer.address = each.address;
    answer.ech_public_name = arena.copy(each.ech_public_name);
    answer.ttl = each.ttl;
    answer.additional = each.section != message::DnsSection::kAnswer;
  }
  record.answers = list;
  if (!dns_message_.questions.empty()) {
    const message::DnsQuestion& question = dns_message_.questions.front();
    record.rrname = arena.copy(question.name);
    record.rrtype = arena.copy(message::dns_type_name(question.type, text_));
  } else {
    record.rrname = list[0].rrname;
    record.rrtype = list[0].rrtype;
  }
  record.identity = identity_of_lookup(record.rrname);
  turn_.note(Batch::Kind::kDns, turn_.batch->dns.size());
}

void Shard::tell_unanswered(const flow::Flow& flow, const PendingQueries::Query& query) {
  ++counters_.dns_unanswered;
  Arena& arena = turn_.batch->arena;
  turn_.batch->dns.emplace_back();
  observation::DnsRecord& record = turn_.batch->dns.back();
  fill_conversation(flow, record.conversation);
  record.place = places_.of(query.number);
  record.time = query.time;
  record.id = query.id;
  record.rrname = arena.copy(texts_.text(query.name));
  record.rrtype = arena.copy(message::dns_type_name(query.type, text_));
  record.identity = identity_of_lookup(record.rrname);
  turn_.note(Batch::Kind::kDns, turn_.batch->dns.size());
}

observation::Identity Shard::identity_of_lookup(std::string_view name) const {
  identify::FlowFacts facts;
  facts.lookup = true;
  return identify::judge(knowledge_->catalogue->match(name), facts);
}

// Multicast DNS and LLMNR: what hosts of the network call themselves.
bool Shard::read_local_names(Bytes bytes) {
  if (!message::parse_dns(bytes, dns_message_)) {
    ++counters_.dns_malformed;
    return false;
  }
  ++counters_.dns_messages;
  notes_->spoke = true;
  message::for_each_local_host(dns_message_,
                               [this](std::string_view name, const IpAddress& address) {
                                 tell_client_name(address, {}, name, "mdns");
                               });
  return true;
}

bool Shard::read_dhcp(Bytes bytes) {
  message::DhcpMessage dhcp;
  const bool read = notes_->mode == Mode::kDhcp ? message::parse_dhcp(bytes, dhcp)
                                                : message::parse_dhcp6(bytes, dhcp);
  if (!read) return false;
  ++counters_.dhcp_messages;
  notes_->spoke = true;
  // A client asks in one flow and is answered in another: who is called what is for the collector.
  identify::LeaseStep step;
  switch (dhcp.says()) {
    case message::DhcpSays::kNothing:
      return true;
    case message::DhcpSays::kWish:
      step.kind = identify::LeaseStep::Kind::kWish;
      break;
    case message::DhcpSays::kHas:
      step.kind = identify::LeaseStep::Kind::kHas;
      break;
    case message::DhcpSays::kGranted:
      step.kind = identify::LeaseStep::Kind::kGranted;
      break;
    case message::DhcpSays::kRefused:
      step.kind = identify::LeaseStep::Kind::kRefused;
      break;
  }
  step.is_v6 = dhcp.is_v6;
  step.transaction = dhcp.transaction;
  text_.clear();
  if (dhcp.has_mac) append_mac(dhcp.mac, text_);
  step.accepts = dhcp.accepted_address().value_or(IpAddress{});
  step.record = client_name(dhcp.address_of_client().value_or(IpAddress{}), text_,
                            dhcp.client_name(), "dhcp");
  const Bytes id = dhcp.client_identifier;
  // A server need not repeat the identifier in v4; in v6 it is all there is.
  step.client =
      dhcp.has_mac && !dhcp.is_v6
          ? step.record.mac
          : turn_.batch->arena.copy({reinterpret_cast<const char*>(id.data()), id.size()});
  turn_.batch->leases.push_back(step);
  turn_.note(Batch::Kind::kLease, turn_.batch->leases.size());
  return true;
}

observation::ClientNameRecord Shard::client_name(const IpAddress& client, std::string_view mac,
                                                 std::string_view name, std::string_view source) {
  Arena& arena = turn_.batch->arena;
  observation::ClientNameRecord record;
  record.place = places_.of(turn_.number);
  record.time = turn_.time;
  record.client = client;
  record.mac = arena.copy(mac);
  record.name = arena.copy(name);
  record.source = source;
  return record;
}

void Shard::tell_client_name(const IpAddress& client, std::string_view mac, std::string_view name,
                             std::string_view source) {
  turn_.batch->client_names.push_back(client_name(client, mac, name, source));
  turn_.note(Batch::Kind::kClientName, turn_.batch->client_names.size());
}

}  // namespace gnomon::sensor
