#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "gnomon/inventory/live_recorder.h"
#include "live_keeper.h"
#include "live_run.h"
#include "test_records.h"

namespace gnomon::inventory {

inline AppBookPointer book_for(const Scratch& scratch) {
  return std::make_shared<const AppBook>(options_for(scratch).apps);
}

inline LiveRunWriter open_writer(const Scratch& scratch) {
  auto writer = LiveRunWriter::open(options_for(scratch), book_for(scratch), "", {"eth1"}, 0);
  REQUIRE(writer);
  return std::move(*writer);
}

// Who writes, and who says what it means.
struct Pair {
  explicit Pair(const Scratch& scratch)
      : writer(open_writer(scratch)), keeper(open_keeper(scratch)) {}

  LiveKeeper open_keeper(const Scratch& scratch) {
    auto opened =
        LiveKeeper::open(options_for(scratch), book_for(scratch), writer.batches(), 0);
    REQUIRE(opened);
    return std::move(*opened);
  }
  std::optional<Error> judge() {
    keeper.note(writer.take_notes());
    return keeper.judge();
  }

  LiveRunWriter writer;
  LiveKeeper keeper;
};

inline LiveRecorderOptions live_options(const Scratch& scratch) {
  LiveRecorderOptions options;
  options.recorder = options_for(scratch);
  options.inputs = {"eth1"};
  return options;
}

inline LiveRunWriter::Batch batch_of(Tally& tally, Time first, Time last) {
  LiveRunWriter::Batch batch;
  batch.changes = tally.take_changes();
  batch.first_packet = first;
  batch.last_packet = last;
  return batch;
}

}  // namespace gnomon::inventory
