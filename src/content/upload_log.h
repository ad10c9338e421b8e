#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gnomon/content/upload_joiner.h"
#include "part_log.h"
#include "shipped_detectors.h"
#include "test_card.h"

// What tests of uploads in pieces share.
namespace gnomon::content {

using Lines = std::vector<std::string>;

// 24 + 24 + the rest; the card reaches over both borders.
inline const std::string kText = "my credit card is " + card() + " and nothing else than that";
inline const std::string kOne = kText.substr(0, 24);
inline const std::string kTwo = kText.substr(24, 6);
inline const std::string kThree = kText.substr(30);
inline const std::string kTotal = std::to_string(kText.size());
inline const std::string kLast = std::to_string(kText.size() - 1);
inline const std::string kRanges[] = {"bytes 0-23/" + kTotal, "bytes 24-29/" + kTotal,
                                      "bytes 30-" + kLast + "/" + kTotal};
inline constexpr std::string_view kParts[] = {
    "/b/k?partNumber=1&uploadId=x", "/b/k?partNumber=2&uploadId=x", "/b/k?partNumber=3&uploadId=x"};

// "UPLOAD MARK COUNT", with ~ when it is told as partial.
struct Told final : UploadEvents {
  void on_finding(std::uint64_t owner, std::uint64_t mark,
                  const observation::FindingRecord& finding) override {
    if (finding.detector != "credit-card") return;
    findings.push_back(std::to_string(owner) + " " + std::to_string(mark) + " " +
                       std::to_string(finding.count) + (finding.partial ? "~" : ""));
  }
  void on_file(std::uint64_t, std::uint64_t, const observation::FileRecord& file) override {
    files.push_back(std::string{file.file_name} + " " + std::to_string(file.size) + " " +
                    std::string{file.sha256.substr(0, 8)});
    types.emplace_back(file.declared_type);
  }
  void on_upload_over(std::uint64_t upload) override { over.push_back(upload); }
  Lines findings, files, types;
  std::vector<std::uint64_t> over;
};

// One request after another, told by what makes it a piece. Marks count from 1.
struct Uploading {
  explicit Uploading(const InspectorOptions& options = {}) : joiner(shipped_detectors(), options) {}

  std::uint64_t begin(ExchangeFacts facts) {
    facts.host = "files.example";
    facts.time = Time{std::chrono::seconds{++seconds}};
    joiner.begin(++pieces, client, facts, told);
    return pieces;
  }
  void feed(std::uint64_t piece, std::string_view text) {
    joiner.feed(piece, bytes_of(text), ++mark);
  }
  void end(std::uint64_t piece, bool complete = true) {
    joiner.end(piece, complete, Time{std::chrono::seconds{seconds}}, told);
  }
  void send(const ExchangeFacts& facts, std::string_view text, bool complete = true) {
    const std::uint64_t piece = begin(facts);
    feed(piece, text);
    end(piece, complete);
  }

  // The answer to it says where more goes.
  void place(std::uint64_t piece, std::string_view url) { joiner.place(piece, url, told); }

  Told told;
  UploadJoiner joiner;
  std::string client = "192.0.2.1";
  std::uint64_t pieces = 0;
  std::uint64_t mark = 0;
  std::int64_t seconds = 0;
};

inline ExchangeFacts range(std::string_view range, std::string_view target = "/u/report.txt") {
  ExchangeFacts facts;
  facts.method = "PUT";
  facts.target = target;
  facts.content_range = range;
  return facts;
}
inline ExchangeFacts offset(std::string_view offset, std::string_view target = "/files/1") {
  ExchangeFacts facts;
  facts.method = "PATCH";
  facts.target = target;
  facts.upload_offset = offset;
  return facts;
}
inline ExchangeFacts part(std::string_view target) {
  ExchangeFacts facts;
  facts.method = target.find("partNumber") == target.npos ? "POST" : "PUT";
  facts.target = target;
  return facts;
}

// OpenAI's: a part in a form, or the end.
inline ExchangeFacts form_part(std::string_view target = "/v1/uploads/upload_1/parts") {
  ExchangeFacts facts;
  facts.method = "POST";
  facts.target = target;
  facts.content_type =
      target.ends_with("parts") ? "multipart/form-data; boundary=\"B\"" : "application/json";
  return facts;
}
inline std::string in_form(std::string_view text, std::string_view line = "\r\n") {
  const std::string end{line};
  return "--B" + end + "Content-Disposition: form-data; name=\"data\"; filename=\"upload\"" + end +
         "Content-Type: application/octet-stream" + end + end + std::string{text} + end + "--B--" +
         end;
}

inline ExchangeFacts block(std::string_view target) {
  ExchangeFacts facts;
  facts.method = "PUT";
  facts.target = target;
  return facts;
}

}  // namespace gnomon::content
