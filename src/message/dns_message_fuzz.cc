#include "gnomon/message/dns_message.h"

using namespace gnomon::message;

// Names stay within their limit as text, there are never more records than allowed, and what looks
// plausible can be read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static DnsMessage message;
  static std::string text;
  const bool read = parse_dns({data, size}, message);
  if (!read && (!message.questions.empty() || !message.records.empty())) __builtin_trap();
  if (message.records.size() > kDnsRecordsMax || message.questions.size() > kDnsQuestionsMax)
    __builtin_trap();
  if (!read && dns_looks_plausible({data, size})) __builtin_trap();
  for (const DnsQuestion& question : message.questions)
    if (question.name.empty() || question.name.size() > kDnsNameBytesMax) __builtin_trap();
  for (const DnsRecord& record : message.records) {
    if (record.name.empty() || record.name.size() > kDnsNameBytesMax) __builtin_trap();
    if (record.target.size() > kDnsNameBytesMax) __builtin_trap();
    if (record.ech_public_name.size() > kDnsNameBytesMax) __builtin_trap();
    text.clear();
    append_dns_data(record, text);
  }
  std::size_t hosts = 0;
  for_each_local_host(message, [&hosts](std::string_view host, const gnomon::IpAddress&) {
    if (host.find('.') != std::string_view::npos) __builtin_trap();
    ++hosts;
  });
  if (hosts > message.records.size()) __builtin_trap();
  message.lower_names();
  return 0;
}
