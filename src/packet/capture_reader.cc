#include "gnomon/packet/capture_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "byte_source.h"
#include "capture_input.h"

namespace gnomon::packet {
namespace {

// Enough of a file to see its first packet and to tell the variants of pcap apart.
constexpr std::size_t kPeekBytes = 16 * 1024;

// Looking into a pipe would take from it.
bool is_file(const std::string& path) {
  struct stat about {};
  return path != "-" && ::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode);
}

bool is_folder(const std::string& path) {
  std::error_code unreadable;
  return path != "-" && std::filesystem::is_directory(path, unreadable);
}

}  // namespace

CaptureReader::CaptureReader(const std::vector<std::string>& inputs) {
  FirstTimes firsts;
  for (const std::string& input : inputs) {
    if (is_folder(input))
      add_folder(input, firsts);
    else
      files_.push_back(input);
  }
  order_files(std::move(firsts));
  // A run over more files than Packet::input can number is refused beyond them, not confused.
  constexpr std::size_t kFilesMax = std::numeric_limits<std::uint16_t>::max();
  for (std::size_t i = kFilesMax; i < files_.size(); ++i)
    problems_.push_back({files_[i], 0, "too many inputs in one run", true, false});
  if (files_.size() > kFilesMax) files_.resize(kFilesMax);
  any_frame_.resize(files_.size());

  for (const std::string& file : files_) {
    struct stat about {};
    const bool known = file == "-" ? ::fstat(0, &about) == 0 : ::stat(file.c_str(), &about) == 0;
    if (!known) continue;  // opening it will tell
    if (!S_ISREG(about.st_mode)) {
      total_bytes_ = 0;
      break;
    }
    total_bytes_ += static_cast<std::uint64_t>(about.st_size);
  }
}

CaptureReader::~CaptureReader() = default;

// The files of a folder and of those below it. Links to folders are not followed, as they may lead
// back; what is neither is no file to read: opening a pipe would wait.
std::vector<std::string> CaptureReader::files_below(const std::string& top) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  std::vector<fs::path> folders{top};
  while (!folders.empty()) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    std::error_code failed;
    fs::directory_iterator entry{folder, failed};
    for (; !failed && entry != fs::directory_iterator{}; entry.increment(failed)) {
      std::error_code unreadable;
      if (entry->is_directory(unreadable)) {
        if (!entry->is_symlink(unreadable)) folders.push_back(entry->path());
      } else if (entry->is_regular_file(unreadable) || unreadable) {
        files.push_back(entry->path().string());  // opening it tells what is wrong with it
      }
    }
    if (failed) problems_.push_back({folder.string(), 0, failed.message(), true, false});
  }
  std::sort(files.begin(), files.end());
  return files;
}

void CaptureReader::add_folder(const std::string& folder, FirstTimes& firsts) {
  const std::vector<std::string> paths = files_below(folder);
  FrameBlock block;
  for (const std::string& path : paths) {
    std::atomic<std::uint64_t> peeked_bytes{0};
    auto source = open_source(path, peeked_bytes);
    if (!source) {
      problems_.push_back({path, 0, source.error().message, true, false});
      continue;
    }
    InputNotes notes;
    notes.file = path;
    CaptureInput input{std::move(*source), kPeekBytes, std::move(notes)};
    const bool any = input.fill(block);
    if (!input.is_capture()) {
      InputProblem problem = std::move(input.notes().problems.front());
      problem.foreign = true;
      problems_.push_back(std::move(problem));
      continue;
    }
    firsts.resize(files_.size());  // of files named before, not looked into yet
    files_.push_back(path);
    if (any) firsts.emplace_back(block.frames.front().time);
  }
}

void CaptureReader::order_files(FirstTimes firsts) {
  firsts.resize(files_.size());
  if (files_.size() < 2) return;
  std::vector<std::size_t> places;
  FrameBlock block;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (!firsts[i] && is_file(files_[i])) {
      std::atomic<std::uint64_t> peeked_bytes{0};
      auto source = open_source(files_[i], peeked_bytes);
      if (!source) continue;  // reading it tells
      CaptureInput input{std::move(*source), kPeekBytes, InputNotes{}};
      if (input.fill(block)) firsts[i] = block.frames.front().time;
    }
    if (firsts[i]) places.push_back(i);
  }
  std::vector<std::size_t> order = places;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return *firsts[a] < *firsts[b]; });
  const std::vector<std::string> named = files_;
  for (std::size_t i = 0; i < places.size(); ++i) files_[places[i]] = named[order[i]];
}

bool CaptureReader::fill(FrameBlock& block) {
  for (;;) {
    if (!input_) {
      if (next_file_ == files_.size()) return false;
      const std::size_t number = next_file_++;
      auto source = open_source(files_[number], read_bytes_);
      if (!source) {
        problems_.push_back({files_[number], 0, source.error().message, true, false});
        continue;
      }
      InputNotes notes;
      notes.file = files_[number];
      notes.input = static_cast<std::uint16_t>(number);
      input_ = std::make_unique<CaptureInput>(std::move(*source), kBlockBytes, std::move(notes));
    }
    block.first_frame_in_file = input_->frames() + 1;
    const bool filled = input_->fill(block);
    take_notes(input_->notes());
    if (filled) {
      block.input = input_->notes().input;
      block.first_number = frames_ + 1;
      block.index = blocks_++;
      frames_ += block.frames.size();
      any_frame_[block.input] = true;
      return true;
    }
    input_.reset();
  }
}

void CaptureReader::take_notes(InputNotes& notes) {
  std::move(notes.problems.begin(), notes.problems.end(), std::back_inserter(problems_));
  std::move(notes.secrets.begin(), notes.secrets.end(), std::back_inserter(secrets_));
  losses_ += notes.losses;
  notes.losses = {};
  notes.problems.clear();
  notes.secrets.clear();
}

ReadProgress CaptureReader::progress() const {
  return {read_bytes_.load(std::memory_order_relaxed), total_bytes_};
}

}  // namespace gnomon::packet
