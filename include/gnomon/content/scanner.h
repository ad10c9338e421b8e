#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnomon/bytes/result.h"
#include "gnomon/content/detector.h"
#include "gnomon/content/profile.h"
#include "gnomon/content/prompt_echo.h"
#include "gnomon/content/role.h"

namespace gnomon::content {

class ExactTable;
class DocumentPrints;

// One thing found. Offsets are bytes of the UTF-8 text as it was fed, from its beginning.
struct Match {
  const Detector* detector = nullptr;
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  Confidence confidence = Confidence::kLow;
  Severity severity = Severity::kMedium;
  Reason reason = Reason::kNone;
  Signs signs = 0;               // what speaks for it and against it
  std::uint64_t value_hash = 0;  // of the normalised value, unkeyed: never leaves the process
  // Masked: at most four characters of the value are as they were. Empty for documents.
  std::string sample;
  // The normalised value, for the keyed hash of FindingTally. A view that lives until the next call
  // of the scanner; whoever holds matches longer must clear it.
  std::string_view value;
};

// Where DetectorSet keeps compiled patterns between runs, and what else it should look for.
struct DetectorOptions {
  std::filesystem::path cache_folder;             // empty: none; unwritable: none
  std::filesystem::path local_folder;             // more *.yaml of the same form; empty: none
  std::vector<std::string> markings;              // the company's own: "Acme Internal" ...
  std::shared_ptr<const ExactTable> exact_table;  // from --learn-table
  std::shared_ptr<const DocumentPrints> document_prints;  // from --learn-document
};

// Everything the scanner looks for, compiled. Immutable; threads share it.
class DetectorSet {
 public:
  // Reads every *.yaml of `folder` (signatures/detectors). Compiling takes up to some seconds
  // unless the cache has it, so call this when content is going to be read and not before.
  static Result<DetectorSet> load(const std::filesystem::path& folder,
                                  const DetectorOptions& options = {});
  DetectorSet(DetectorSet&&) noexcept;
  DetectorSet& operator=(DetectorSet&&) noexcept;
  ~DetectorSet();

  [[nodiscard]] std::span<const Detector> detectors() const;
  [[nodiscard]] const Detector* find(std::string_view id) const;
  [[nodiscard]] std::span<const Profile> profiles() const;  // by id
  // What is wrong with the examples that the data carry; empty when nothing is.
  [[nodiscard]] std::vector<std::string> check_examples() const;

  struct Compiled;
  [[nodiscard]] const Compiled& compiled() const { return *compiled_; }

 private:
  explicit DetectorSet(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

// Reads text and says what is in it. One per thread; the set must outlive it. Memory is bounded: a
// stream costs its window of at most 128 KiB, whatever its length.
class Scanner {
 public:
  explicit Scanner(const DetectorSet& set);
  ~Scanner();
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  // The whole text at once. Appends to `matches`, sorted by start.
  void scan(std::string_view utf8, const TextContext& context, std::vector<Match>& matches);

  // Text that comes in pieces. One stream at a time. Matches are appended as soon as
  // no later text can change them; what was cut by the end of a piece is found.
  void begin(const TextContext& context);
  void feed(std::string_view utf8, std::vector<Match>& matches);
  void end(std::vector<Match>& matches);

  // What is said of a file by its type alone (file_type.h): a private key, a store of passwords.
  // Appends to `matches`; they have no place.
  void scan_type(std::string_view file_type, std::vector<Match>& matches);

  // What it means that an answer holds so much of the system prompt that it was made by, if
  // anything. Appends to `matches`, without a place.
  void scan_echo(const PromptPrints& prompt, const PromptEcho& echo, std::vector<Match>& matches);

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace gnomon::content
