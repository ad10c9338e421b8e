#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace gnomon::cli {

// Every setting as a plain value, loaded once and then constant. What each means, its range and its
// default stand in the table (settings.cc), which fills this: a default is written there alone.
struct Config {
  // inventory
  std::string database;
  std::uint64_t sightings_max;
  std::uint64_t hours_max;
  std::uint64_t unknown_hosts_max;
  std::uint64_t clients_per_unknown_host_max;
  std::uint64_t unknown_rows_max;
  std::uint64_t client_names_max;
  std::uint64_t host_addresses_max;
  std::uint64_t ledger_rows_max;

  // keep
  std::chrono::seconds keep_sightings;
  std::chrono::seconds keep_hours;
  std::chrono::seconds keep_findings;
  std::chrono::seconds keep_files;
  std::chrono::seconds keep_alerts;
  std::chrono::seconds keep_lookups;
  std::chrono::seconds keep_unknown_hosts;
  std::chrono::seconds keep_candidates;
  std::chrono::seconds keep_client_names;
  std::chrono::seconds keep_health;
  std::uint64_t keep_bytes_max;
  std::chrono::seconds tidy_interval;

  // capture
  std::vector<std::string> interfaces;
  std::string folder;
  std::vector<std::string> peers;
  std::vector<std::string> listen;
  std::string filter;
  std::uint64_t workers;
  std::string cpus;
  std::uint64_t snap_length;
  std::uint64_t buffer_mib;
  bool promiscuous;

  // flows
  std::uint64_t flows_max;
  std::uint64_t reassembly_bytes_max;
  std::chrono::seconds tcp_new;
  std::chrono::seconds tcp_established;
  std::chrono::seconds tcp_closed;
  std::chrono::seconds udp_one_way;
  std::chrono::seconds udp_two_way;
  std::chrono::seconds other;
  std::uint64_t fragment_bytes_max;
  std::uint64_t fragment_datagrams_max;
  std::chrono::seconds fragment_timeout;

  // content
  bool content;
  std::uint64_t bodies_max;
  std::uint64_t body_bytes_max;
  std::uint64_t decoded_bytes_max;
  std::uint64_t decoded_ratio_max;
  std::uint64_t document_bytes_max;
  std::uint64_t document_text_max;
  std::chrono::seconds document_time_max;
  std::uint64_t parts_max;
  std::uint64_t depth_max;
  std::uint64_t files_per_body_max;
  std::uint64_t findings_per_body_max;
  std::uint64_t uploads_max;
  std::uint64_t upload_bytes_max;
  std::chrono::seconds upload_silence;
  std::string local_detectors;
  std::vector<std::string> markings;
  std::string learnt_table;
  std::string learnt_documents;
  std::vector<std::string> key_logs;

  // signatures
  std::string signatures;
  std::string local_signatures;
  std::string trusted_keys;
  bool require_signed;
  std::chrono::seconds signatures_age_max;

  // events
  std::string events;
  std::string events_format;
  std::string syslog;
  std::string syslog_format;
  std::string syslog_events;
  std::string syslog_spool;
  std::uint64_t syslog_spool_max;
  std::string syslog_ca;
  std::chrono::seconds stats_interval;

  // privacy
  bool pseudonyms;
  std::string key_file;

  // log
  std::string log_level;
  std::string log_format;
  std::uint64_t log_per_minute_max;

  // service
  std::string metrics_listen;
  std::string status_socket;
  std::string user;
  bool sandbox;

  // console
  std::string console_listen;
  std::string console_certificate;
  std::string console_key;
  std::vector<std::string> console_names;

  // alerts
  double loss_percent_max;
  std::chrono::seconds stall_max;
  std::uint64_t disk_free_min;
};

}  // namespace gnomon::cli
