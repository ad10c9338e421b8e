#pragma once

#include "gnomon/observation/observation.h"

namespace gnomon::sensor {

// For tests that look at some records alone.
struct QuietSink : observation::Sink {
  void on_flow(const observation::FlowRecord&) override {}
  void on_dns(const observation::DnsRecord&) override {}
  void on_http(const observation::HttpRecord&) override {}
  void on_client_name(const observation::ClientNameRecord&) override {}
  void on_stats(const observation::StatsRecord&) override {}
};

}  // namespace gnomon::sensor
