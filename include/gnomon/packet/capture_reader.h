#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gnomon/bytes/time.h"

namespace gnomon::packet {

// One frame as the capture holds it. `data` points into the block that holds the frame.
struct Frame {
  const std::uint8_t* data = nullptr;
  Time time;
  std::uint32_t captured_bytes = 0;  // never more than wire_bytes
  std::uint32_t wire_bytes = 0;
  std::uint16_t link_type = 0;  // LINKTYPE_ value (tcpdump.org/linktypes.html), not a DLT_ one
  // Number of the interface in its pcapng section, or among those that are listened to; else 0.
  std::uint16_t interface = 0;
};

// Some consecutive frames of one input, and the memory that holds their bytes. Reused from fill()
// to fill() it allocates nothing once warm. Movable; frames stay valid when it is moved.
struct FrameBlock {
  std::vector<Frame> frames;
  std::uint16_t input = 0;                // index into CaptureReader::files()
  std::uint64_t first_number = 0;         // of frames[0] over all inputs of the run, from 1
  std::uint64_t first_frame_in_file = 0;  // of frames[0] in its file, from 1
  std::uint64_t index = 0;                // of the block over the run, from 0

  // Of blocks of a running capture (live_source.h); of files these stay as they are.
  std::shared_ptr<const std::string> origin;  // what the frames came from, in place of files()[input]
  // Where frames are of several inputs at once: their names, which Frame::interface counts.
  std::shared_ptr<const std::vector<std::string>> interfaces;
  std::vector<std::string> key_logs;          // text of key logs that came before the frames
  std::chrono::nanoseconds clock_step{0};     // the frames' clock was put on (back: negative) by it
  std::uint64_t passed_over = 0;              // frames of the origin right before these, left out
  bool live = false;                          // of an interface: nobody has these frames in a file
  bool lossy = false;                         // frames were lost shortly before

  // The memory behind frames; only the reader writes to it.
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t capacity = 0;
};

// Something wrong with an input, for the operator. `offset` counts bytes of the capture itself,
// that is after decompression.
struct InputProblem {
  std::string file;
  std::uint64_t offset = 0;
  std::string what;
  bool fatal_for_file = false;  // nothing of the file could be used
  bool foreign = false;         // found in a folder and not a capture: skipped
};

// What a pcapng Decryption Secrets Block held (draft-ietf-opsawg-pcapng, 4.7).
struct DecryptionSecrets {
  static constexpr std::uint32_t kTlsKeyLog = 0x544c534b;

  std::uint16_t input = 0;
  std::uint32_t type = 0;
  std::string bytes;
};

// Frames that were lost when a pcapng file was captured, as its last interface statistics blocks say
// (draft-ietf-opsawg-pcapng, 4.6). Each 0 where the file does not say.
struct CaptureLosses {
  std::uint64_t received = 0;
  std::uint64_t card_drops = 0;     // isb_ifdrop
  std::uint64_t kernel_drops = 0;   // isb_osdrop
  std::uint64_t program_drops = 0;  // accepted by the filter and never delivered

  CaptureLosses& operator+=(const CaptureLosses& other) {
    received += other.received;
    card_drops += other.card_drops;
    kernel_drops += other.kernel_drops;
    program_drops += other.program_drops;
    return *this;
  }
  bool operator==(const CaptureLosses&) const = default;
};

// Bytes of the files as they lie on disk, compressed or not.
struct ReadProgress {
  std::uint64_t read_bytes = 0;
  std::uint64_t total_bytes = 0;  // 0 when unknown: an input is a pipe
};

class CaptureInput;
struct InputNotes;

// Reads captures one after the other: pcap (both byte orders, micro- and nanoseconds, the modified,
// Nokia and AIX variants), pcapng and snoop, plain, gzip or zstd, told apart by what they hold and
// not by their names. An input is a file, a folder (its captures and those of the folders below it,
// by name; links to folders are not followed) or "-", standard input. Files are read in the order
// of their first packets, as flows end by a clock that does not go back; of equals the first named
// is first. Pipes, standard input and files without a packet keep their place.
//
// What is damaged is used as far as it goes and listed in problems(); nothing is fatal.
//
// Not thread-safe but for progress(): whoever shares a reader locks around fill(). Blocks already
// filled are independent of it.
class CaptureReader {
 public:
  static constexpr std::size_t kBlockBytes = 256 * 1024;
  // A record longer than this is damage. Longer than a block, it makes the block grow.
  static constexpr std::size_t kRecordBytesMax = 256 * 1024 * 1024;
  static constexpr std::size_t kProblemsMax = 1000;     // of an input; then it is left
  static constexpr std::size_t kInterfacesMax = 65536;  // of a pcapng section
  static constexpr std::size_t kSecretsBytesMax = 64 * 1024 * 1024;

  // Looks into folders, and into files to order them.
  explicit CaptureReader(const std::vector<std::string>& inputs);
  ~CaptureReader();

  // The next frames, at least one; false at the end of the last input. Where blocks begin and end
  // depends on what the files hold alone. Waits on a pipe until a block is full or it ends.
  bool fill(FrameBlock& block);

  // Names of the inputs, folders replaced by what they hold. Constant.
  [[nodiscard]] const std::vector<std::string>& files() const { return files_; }
  // So far; complete once fill() has returned false.
  [[nodiscard]] const std::vector<InputProblem>& problems() const { return problems_; }
  [[nodiscard]] const std::vector<DecryptionSecrets>& decryption_secrets() const {
    return secrets_;
  }
  // Of all inputs; complete once fill() has returned false.
  [[nodiscard]] const CaptureLosses& losses() const { return losses_; }
  // Whether a frame of this input was read. Final once fill() has moved past the input.
  [[nodiscard]] bool any_frame(std::size_t input) const { return any_frame_[input]; }

  // May be called from any thread at any time.
  [[nodiscard]] ReadProgress progress() const;

 private:
  using FirstTimes = std::vector<std::optional<Time>>;  // of files_, as far as they are known
  void add_folder(const std::string& folder, FirstTimes& firsts);
  void order_files(FirstTimes firsts);
  std::vector<std::string> files_below(const std::string& top);
  void take_notes(InputNotes& notes);

  std::vector<std::string> files_;
  std::vector<bool> any_frame_;
  std::vector<InputProblem> problems_;
  std::vector<DecryptionSecrets> secrets_;
  CaptureLosses losses_;
  std::unique_ptr<CaptureInput> input_;  // the one being read
  std::size_t next_file_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t blocks_ = 0;
  std::atomic<std::uint64_t> read_bytes_{0};
  std::uint64_t total_bytes_ = 0;
};

}  // namespace gnomon::packet
