#include "ledgers.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "rows.h"

namespace gnomon::inventory {
namespace {

using observation::ArtifactRecord;
using observation::AssetRecord;
using observation::Authenticated;
using observation::CandidateRecord;
using observation::Conversation;
using observation::FileRecord;
using observation::FindingRecord;
using observation::HttpRecord;
using observation::ModelCallRecord;

// Of one text in a key: names of files and models come from the network.
constexpr std::size_t kTextBytesMax = 512;
constexpr std::size_t kAskersMax = 50'000;
constexpr double kMillionths = 1e6;

std::string bounded(std::string_view text) {
  if (text.size() > kTextBytesMax) {
    std::size_t end = kTextBytesMax;
    // Not in the middle of a UTF-8 character.
    while (end > kTextBytesMax - 4 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text = text.substr(0, end);
  }
  return std::string{text};
}

// What rules are judged by: a run of several days is as several of one.
std::string day_of(Time time) {
  return std::to_string(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

std::string flag(bool value) { return value ? "1" : "0"; }

std::uint64_t weight_of(double score) {
  if (!(score > 0)) return 0;  // also when it is no number
  return static_cast<std::uint64_t>(std::llround(std::min(score, 1.0) * kMillionths));
}

}  // namespace

struct Ledgers::Sight {
  const observation::Place& place;
  std::uint64_t flow_id;
  Time time;
  std::uint64_t weight = 0;
};

std::string network_of(const IpAddress& address) {
  auto bytes = address.bytes();
  std::string text;
  if (address.is_v4()) {
    bytes[15] = 0;
    text = IpAddress::v4(bytes.data() + 12).to_string() + "/24";
  } else {
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    text = IpAddress::stored(bytes.data()).to_string() + "/64";
  }
  return text + (address.is_private() ? " private" : " public");
}

std::string joined_texts(std::span<const std::string_view> texts) {
  std::vector<std::string_view> sorted{texts.begin(), texts.end()};
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string out;
  for (const std::string_view text : sorted) {
    if (!out.empty()) out += "; ";
    out += text;
  }
  return bounded(out);
}

Ledgers::Row* Ledgers::see(LedgerId id, Key key, const Sight& sight,
                           std::array<std::string_view, kTextsMax> texts) {
  const auto at = static_cast<std::size_t>(id);
  auto& rows = rows_[at];
  auto found = rows.find(key);
  if (found == rows.end() && rows.size() >= rows_max_) {
    ++folded_[at];
    const std::size_t kept = kLedgers[at].kept;
    if (kept == 0) return nullptr;
    for (std::size_t i = kept; i < key.size(); ++i) key[i].clear();
    found = rows.find(key);
  }
  const bool is_new = found == rows.end();
  if (is_new) found = rows.try_emplace(std::move(key)).first;
  Row& row = found->second;
  row.changed = true;
  row.first = is_new ? sight.time : std::min(row.first, sight.time);
  row.last = is_new ? sight.time : std::max(row.last, sight.time);
  // Signed, as the database compares them.
  const auto order = [](std::uint64_t number) { return static_cast<std::int64_t>(number); };
  std::array<std::string_view, kTextsMax> held;
  for (std::size_t i = 0; i < held.size(); ++i) held[i] = row.texts[i];
  const auto ours = std::tuple{sight.time, order(sight.place.number), order(sight.flow_id),
                               order(sight.place.frame), texts};
  const auto theirs =
      std::tuple{row.time, order(row.number), order(row.flow_id), order(row.frame), held};
  if (!is_new && (sight.weight < row.weight || (sight.weight == row.weight && !(ours < theirs))))
    return &row;
  row.weight = sight.weight;
  row.time = sight.time;
  row.number = sight.place.number;
  row.flow_id = sight.flow_id;
  row.frame = sight.place.frame;
  row.file = sight.place.file;
  for (std::size_t i = 0; i < texts.size(); ++i) row.texts[i] = bounded(texts[i]);
  return &row;
}

void Ledgers::add(const HttpRecord& record) {
  if (!record.identity.app.empty()) return;
  const Conversation& conversation = record.conversation;
  const AskerKey key{conversation.server, conversation.client, conversation.server_port};
  auto found = askers_.find(key);
  const bool is_new = found == askers_.end();
  if (is_new && askers_.size() >= kAskersMax) {
    ++askers_dropped_;
    return;
  }
  if (is_new) found = askers_.try_emplace(key).first;
  Asker& asker = found->second;
  asker.requests += 1;
  asker.last = is_new ? record.time : std::max(asker.last, record.time);
  const auto order = [](Time time, std::uint64_t number, std::uint64_t flow, std::uint64_t frame) {
    return std::tuple{time, number, flow, frame};
  };
  if (!is_new &&
      !(order(record.time, record.place.number, conversation.flow_id, record.place.frame) <
        order(asker.first, asker.number, asker.flow_id, asker.frame)))
    return;
  asker.first = record.time;
  asker.number = record.place.number;
  asker.flow_id = conversation.flow_id;
  asker.frame = record.place.frame;
  asker.file = record.place.file;
}

void Ledgers::close() {
  close_minutes();
  tell_askers();
  askers_.clear();
}

// Of servers that are known to be AI's by now; the others may be later.
void Ledgers::tell_askers() {
  if (askers_.empty()) return;
  std::set<std::pair<std::string, std::string>> servers;
  for (const auto& [key, row] : rows(LedgerId::kAsset)) servers.emplace(key[0], key[1]);
  if (servers.empty()) return;
  for (auto next = askers_.begin(); next != askers_.end();) {
    const auto at = next++;
    const auto& [key, asker] = *at;
    const std::string address = key.server.to_string();
    const std::string port = std::to_string(key.port);
    if (!servers.contains({address, port})) continue;
    const observation::Place place{asker.number, asker.frame, asker.file};
    auto& assets = rows_[static_cast<std::size_t>(LedgerId::kAsset)];
    for (auto of = assets.lower_bound({address, port});
         of != assets.end() && of->first[0] == address && of->first[1] == port; ++of) {
      if (asker.last <= of->second.last) continue;
      of->second.last = asker.last;
      of->second.changed = true;
    }
    Row* row =
        see(LedgerId::kAssetClient, {address, port, key.client.to_string(), network_of(key.client)},
            {place, asker.flow_id, asker.first});
    if (row) {
      row->sums[0] += asker.requests;
      row->last = std::max(row->last, asker.last);
    }
    askers_.erase(at);
  }
}

Ledgers::Changes Ledgers::take_changes() {
  tell_minutes();
  tell_askers();
  Changes changes;
  for (std::size_t i = 0; i < rows_.size(); ++i)
    for (const auto& [key, row] : rows_[i])
      if (row.changed) changes[i].emplace_hint(changes[i].end(), key, row);
  written();
  return changes;
}

void Ledgers::add(const FindingRecord& record) {
  const std::string sample = bounded(record.sample);
  const std::string references = joined_texts(record.references);
  const std::string reasons = joined_texts(record.reasons);
  Row* row =
      see(LedgerId::kFinding,
          {std::string{record.identity.app}, bounded(record.detector), bounded(record.category),
           bounded(record.severity), bounded(record.confidence), flag(record.to_server),
           day_of(record.time), bounded(record.role), record.conversation.client.to_string(),
           bounded(record.host), bounded(record.file_name), bounded(record.file_type),
           bounded(record.value_hash)},
          {record.place, record.conversation.flow_id, record.time}, {sample, references, reasons});
  if (!row) return;
  row->sums[0] += 1;
  row->sums[1] += record.count;
  row->sums[2] += record.partial ? 1 : 0;
  row->sums[3] += record.lossy ? 1 : 0;
  row->maximum = std::max<std::uint64_t>(row->maximum, record.unique_count);
}

void Ledgers::add(const FileRecord& record) {
  Row* row =
      see(LedgerId::kFile,
          {std::string{record.identity.app}, flag(record.to_server), bounded(record.file_type),
           record.conversation.client.to_string(), bounded(record.host), bounded(record.file_name),
           bounded(record.declared_type), bounded(record.sha256), bounded(record.not_opened)},
          {record.place, record.conversation.flow_id, record.time});
  if (!row) return;
  row->sums[0] += 1;
  row->sums[1] += record.size;
  row->sums[2] += record.gap_bytes;
  row->sums[3] += record.complete ? 1 : 0;
  row->sums[4] += record.truncated ? 1 : 0;
}

void Ledgers::add(const AssetRecord& record) {
  const Conversation& conversation = record.conversation;
  const std::string address = conversation.server.to_string();
  const std::string port = std::to_string(conversation.server_port);
  const Sight sight{record.place, conversation.flow_id, record.time};
  const std::string reasons = joined_texts(record.reasons);
  if (Row* row = see(LedgerId::kAsset,
                     {address, port, bounded(record.host), bounded(record.product),
                      bounded(record.kind), bounded(record.version), day_of(record.time)},
                     sight, {reasons})) {
    row->sums[0] += 1;
    row->sums[1] += record.authenticated == Authenticated::kYes ? 1 : 0;
    row->sums[2] += record.authenticated == Authenticated::kNo ? 1 : 0;
    row->sums[3] += record.tls ? 1 : 0;
    row->sums[4] += record.tls ? 0 : 1;
  }
  for (const std::string_view model : record.models)
    if (Row* row = see(LedgerId::kAssetModel, {address, port, bounded(model)}, sight))
      row->sums[0] += 1;
  for (const std::string_view exposure : record.exposures)
    if (Row* row = see(LedgerId::kAssetExposure, {address, port, bounded(exposure)}, sight))
      row->sums[0] += 1;
  if (Row* row = see(
          LedgerId::kAssetClient,
          {address, port, conversation.client.to_string(), network_of(conversation.client)}, sight))
    row->sums[0] += 1;
}

void Ledgers::add(const ModelCallRecord& record) {
  const Conversation& conversation = record.conversation;
  const std::string app{record.identity.app};
  const std::string address =
      server_text(conversation.server.to_string(), conversation.server_port);
  // A vendor's service has many addresses; its name is enough.
  const bool known = !app.empty() && !record.host.empty() && !conversation.server.is_private();
  const std::string client = conversation.client.to_string();
  const Sight sight{record.place, conversation.flow_id, record.time};
  const std::string user_agent = bounded(record.user_agent);
  if (Row* row = see(
          LedgerId::kModelCall,
          {app, bounded(record.family), bounded(record.operation), bounded(record.model_requested),
           bounded(record.model_returned), bounded(record.tenant), client, bounded(record.host),
           known ? std::string{} : address},
          sight, {user_agent})) {
    row->sums[0] += 1;
    row->sums[1] += record.tokens_in;
    row->sums[2] += record.tokens_out;
    row->sums[3] += record.streamed ? 1 : 0;
    row->sums[4] += record.authenticated ? 1 : 0;
  }
  const std::string server = record.host.empty() ? address : bounded(record.host);
  const auto add_tools = [&](std::span<const std::string_view> tools, std::size_t sum) {
    for (const std::string_view tool : tools)
      if (Row* row = see(LedgerId::kTool,
                         {app, bounded(record.family), server, bounded(tool), client}, sight))
        row->sums[sum] += 1;
  };
  add_tools(record.tools_offered, 0);
  add_tools(record.tools_called, 1);
  if (known) return;
  count_call(record, address, client);
  count_call(record, address, {});  // all clients together
}

void Ledgers::count_call(const ModelCallRecord& record, const std::string& server,
                         const std::string& client) {
  const auto minute =
      std::chrono::floor<std::chrono::minutes>(record.time).time_since_epoch().count();
  MinuteKey key{server, client, minute};
  auto found = minutes_.find(key);
  if (found == minutes_.end() && minutes_.size() >= minutes_max_) {
    ++felt_minutes_;
    close_minutes();
    found = minutes_.end();
  }
  const bool is_new = found == minutes_.end();
  if (is_new) found = minutes_.try_emplace(std::move(key)).first;
  Minute& at = found->second;
  at.calls += 1;
  at.tokens += record.tokens_in + record.tokens_out;
  at.last = is_new ? record.time : std::max(at.last, record.time);
  const auto order = [](Time time, std::uint64_t number, std::uint64_t flow, std::uint64_t frame) {
    return std::tuple{time, number, flow, frame};
  };
  if (!is_new && !(order(record.time, record.place.number, record.conversation.flow_id,
                         record.place.frame) < order(at.first, at.number, at.flow_id, at.frame)))
    return;
  at.first = record.time;
  at.number = record.place.number;
  at.flow_id = record.conversation.flow_id;
  at.frame = record.place.frame;
  at.file = record.place.file;
}

void Ledgers::close_minutes() {
  tell_minutes();
  minutes_.clear();
}

void Ledgers::tell_minutes() {
  if (minutes_.empty()) return;
  Time latest = Time::min();
  for (const auto& [key, minute] : minutes_) latest = std::max(latest, minute.last);
  for (auto next = minutes_.begin(); next != minutes_.end();) {
    const auto at = next++;
    const auto& key = at->first;
    Minute& minute = at->second;
    const bool over = minute.last < latest - std::chrono::minutes{3};
    if (minute.calls == minute.calls_told) {
      if (over) minutes_.erase(at);
      continue;
    }
    const auto hour =
        std::chrono::floor<std::chrono::hours>(std::chrono::minutes{key.minute}).count();
    const observation::Place place{minute.number, minute.frame, minute.file};
    Row* row = see(LedgerId::kCallHour, {key.server, key.client, std::to_string(hour)},
                   {place, minute.flow_id, minute.first, minute.calls});
    if (row) {
      row->sums[0] += minute.calls - minute.calls_told;
      row->sums[1] += minute.tokens - minute.tokens_told;
      row->last = std::max(row->last, minute.last);
    }
    minute.calls_told = minute.calls;
    minute.tokens_told = minute.tokens;
    if (over) minutes_.erase(at);
  }
}

void Ledgers::add(const ArtifactRecord& record) {
  // A download proves more than the redirect before it, and says where it came from.
  const Sight sight{record.place, record.conversation.flow_id, record.time,
                    record.bytes > 0 ? 1U : 0U};
  const std::string storage = bounded(record.fetched_from);
  Row* row = see(LedgerId::kArtifact,
                 {std::string{record.identity.app}, bounded(record.kind), bounded(record.format),
                  flag(record.unsafe_format), day_of(record.time), bounded(record.repository),
                  bounded(record.file), bounded(record.revision),
                  record.conversation.client.to_string(), bounded(record.host)},
                 sight, {storage});
  if (!row) return;
  row->sums[0] += 1;
  row->sums[1] += record.bytes;
}

void Ledgers::add(const CandidateRecord& record) {
  if (record.host.empty()) return;
  const std::string host = bounded(record.host);
  const Sight sight{record.place, record.conversation.flow_id, record.time,
                    weight_of(record.score)};
  Row* row = see(LedgerId::kCandidate, {host}, sight);
  if (!row) return;
  row->sums[0] += 1;
  for (const std::string_view reason : record.reasons)
    if (Row* of_reason = see(LedgerId::kCandidateReason, {host, bounded(reason)}, sight))
      of_reason->sums[0] += 1;
  if (Row* of_client =
          see(LedgerId::kCandidateClient, {host, record.conversation.client.to_string()}, sight))
    of_client->sums[0] += 1;
}

void Ledgers::forget() {
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (i != static_cast<std::size_t>(LedgerId::kAsset)) rows_[i].clear();
}

void Ledgers::written() {
  for (auto& rows : rows_) {
    for (auto& [key, row] : rows) {
      row.sums = {};
      row.changed = false;
    }
  }
}

}  // namespace gnomon::inventory
