#include "sensor_options.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "gnomon/content/registered.h"

namespace gnomon::cli {

sensor::ReplayOptions sensor_options(const Config& config) {
  sensor::ReplayOptions options;
  options.workers = static_cast<unsigned>(config.workers);
  if (options.workers == 0) options.workers = std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
  options.filter = config.filter;
  options.key_logs = config.key_logs;
  options.flows_max = static_cast<std::uint32_t>(config.flows_max);
  options.flow.tcp_new = config.tcp_new;
  options.flow.tcp_established = config.tcp_established;
  options.flow.tcp_closed = config.tcp_closed;
  options.flow.udp_one_way = config.udp_one_way;
  options.flow.udp_two_way = config.udp_two_way;
  options.flow.other = config.other;
  options.fragments.bytes_max = config.fragment_bytes_max;
  options.fragments.datagrams_max = config.fragment_datagrams_max;
  options.fragments.timeout = config.fragment_timeout;
  options.reassembly_bytes_max = config.reassembly_bytes_max;
  options.stats_interval = config.stats_interval;
  options.inspector = inspector_options(config);
  return options;
}

content::InspectorOptions inspector_options(const Config& config) {
  content::InspectorOptions options;
  options.open_max = static_cast<std::uint32_t>(config.bodies_max);
  options.files_per_body_max = static_cast<std::uint32_t>(config.files_per_body_max);
  options.findings_per_body_max = static_cast<std::uint32_t>(config.findings_per_body_max);
  options.uploads_max = static_cast<std::uint32_t>(config.uploads_max);
  options.upload_bytes_max = config.upload_bytes_max;
  options.upload_silence = config.upload_silence;
  options.limits.body_bytes_max = config.body_bytes_max;
  options.limits.decoded_bytes_max = config.decoded_bytes_max;
  options.limits.decoded_ratio_max = config.decoded_ratio_max;
  options.limits.document_bytes_max = config.document_bytes_max;
  options.documents_per_body_bytes_max =
      std::max(options.documents_per_body_bytes_max, config.document_bytes_max);
  options.limits.text_bytes_max = config.document_text_max;
  options.limits.document_seconds_max = static_cast<std::uint32_t>(config.document_time_max.count());
  options.limits.parts_max = static_cast<std::uint32_t>(config.parts_max);
  options.limits.depth_max = static_cast<std::uint32_t>(config.depth_max);
  return options;
}

Result<content::DetectorOptions> detector_options(const Config& config) {
  content::DetectorOptions options;
  options.cache_folder = cache_folder();
  std::error_code ignored;
  if (std::filesystem::is_directory(config.local_detectors, ignored))
    options.local_folder = config.local_detectors;
  options.markings = config.markings;
  if (!config.learnt_table.empty()) {
    auto table = content::ExactTable::load(config.learnt_table);
    if (!table) return std::move(table.error()).in("content.learnt_table");
    options.exact_table = std::make_shared<content::ExactTable>(std::move(*table));
  }
  if (!config.learnt_documents.empty()) {
    auto prints = content::DocumentPrints::load(config.learnt_documents);
    if (!prints) return std::move(prints.error()).in("content.learnt_documents");
    options.document_prints = std::make_shared<content::DocumentPrints>(std::move(*prints));
  }
  return options;
}

inventory::RecorderLimits recorder_limits(const Config& config) {
  inventory::RecorderLimits limits;
  limits.sightings_max = static_cast<std::uint32_t>(config.sightings_max);
  limits.hours_max = static_cast<std::uint32_t>(config.hours_max);
  limits.unknown_hosts_max = static_cast<std::uint32_t>(config.unknown_hosts_max);
  limits.clients_per_unknown_host_max =
      static_cast<std::uint32_t>(config.clients_per_unknown_host_max);
  limits.unknown_rows_max = static_cast<std::uint32_t>(config.unknown_rows_max);
  limits.client_names_max = static_cast<std::uint32_t>(config.client_names_max);
  limits.host_addresses_max = static_cast<std::uint32_t>(config.host_addresses_max);
  limits.ledger_rows_max = static_cast<std::uint32_t>(config.ledger_rows_max);
  return limits;
}

inventory::Retention retention(const Config& config) {
  // Days that have begun count whole.
  const auto days = [](std::chrono::seconds time) {
    return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::days>(time).count());
  };
  inventory::Retention retention;
  retention.sighting_days = days(config.keep_sightings);
  retention.hour_days = days(config.keep_hours);
  retention.finding_days = days(config.keep_findings);
  retention.file_days = days(config.keep_files);
  retention.alert_days = days(config.keep_alerts);
  retention.dns_days = days(config.keep_lookups);
  retention.unknown_host_days = days(config.keep_unknown_hosts);
  retention.candidate_days = days(config.keep_candidates);
  retention.client_name_days = days(config.keep_client_names);
  retention.health_days = days(config.keep_health);
  retention.database_bytes_max = config.keep_bytes_max;
  return retention;
}

Result<identify::SignatureFolders> signature_folders(const Config& config) {
  identify::SignatureFolders folders;
  auto shipped = find_signature_folder(config.signatures);
  if (!shipped) return shipped.error();
  folders.shipped = std::move(*shipped);
  folders.shipped_is_installed = config.signatures.empty();
  folders.local = config.local_signatures;
  folders.cache = cache_folder();
  auto trust = identify::PackTrust::load(config.trusted_keys);
  if (!trust) return trust.error();
  folders.trust = std::move(*trust);
  folders.trust.required = config.require_signed;
  return folders;
}

}  // namespace gnomon::cli
