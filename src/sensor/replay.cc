#include "gnomon/sensor/replay.h"

#include <algorithm>

#include "gnomon/packet/bpf_filter.h"
#include "gnomon/packet/decoder.h"
#include "gnomon/sensor/collector.h"
#include "gnomon/sensor/worker.h"
#include "pipeline.h"

namespace gnomon::sensor {

Result<ReplayResult> replay(const ReplayOptions& options, const identify::Catalogue& catalogue,
                            std::span<observation::Sink* const> sinks,
                            const std::function<void(const ReplayProgress&)>& progress) {
  std::unique_ptr<packet::BpfFilter> filter;
  if (!options.filter.empty()) {
    auto compiled = packet::BpfFilter::compile(options.filter);
    if (!compiled) return std::move(compiled.error()).in("--filter");
    filter = std::make_unique<packet::BpfFilter>(std::move(*compiled));
  }
  const auto keys = KeyLogs::load(options.key_logs);
  if (!keys) return Error{keys.error()}.in("--keylog");
  const packet::Decoder decoder{filter.get()};
  packet::CaptureReader reader{options.inputs};

  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < std::clamp(options.workers, 1U, kShards); ++i) {
    auto worker = Worker::create(options, catalogue, reader.files(), **keys, i,
                                 std::clamp(options.workers, 1U, kShards));
    if (!worker) return std::move(worker.error());
    workers.push_back(std::move(*worker));
  }
  Collector collector{catalogue, options.api, sinks, options.shadow, options.health};
  collector.read_uploads(knowledge_of(options, catalogue));
  Pipeline pipeline{options, reader, decoder, workers, collector};
  pipeline.run(!progress ? std::function<void()>{} : [&] {
    const packet::ReadProgress read = reader.progress();
    progress({read.read_bytes, read.total_bytes});
  });

  InputFacts inputs{reader.files(), {}, reader.problems(), reader.losses()};
  for (std::size_t i = 0; i < inputs.files.size(); ++i)
    inputs.had_frames.push_back(reader.any_frame(i));
  ReplayResult result = collector.finish(pipeline.reassembly(), std::move(inputs));
  result.key_logs = (*keys)->files;
  if (options.leave_memory && !workers.front()->holds_secrets()) {
    static auto* const left = new std::vector<std::unique_ptr<Worker>>;
    *left = std::move(workers);
  }
  return result;
}

}  // namespace gnomon::sensor
