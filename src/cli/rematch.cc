#include "rematch.h"

#include "gnomon/bytes/wall_clock.h"
#include "gnomon/identify/sighting.h"
#include "gnomon/report/numbers.h"

namespace gnomon::cli {

namespace {

template <class Recorder>
Result<std::vector<inventory::RetroMatch>> rematch(Recorder& recorder,
                                                   const identify::Catalogue& catalogue) {
  const Time now = wall_clock();
  return recorder.rematch(
      [&catalogue](const observation::FlowRecord& flow) {
        return identify::judge(catalogue.match(flow.host), {}, flow);
      },
      now);
}

}  // namespace

Result<std::vector<inventory::RetroMatch>> rematch_hosts(inventory::Recorder& recorder,
                                                         const identify::Catalogue& catalogue) {
  return rematch(recorder, catalogue);
}
Result<std::vector<inventory::RetroMatch>> rematch_hosts(inventory::LiveRecorder& recorder,
                                                         const identify::Catalogue& catalogue) {
  return rematch(recorder, catalogue);
}

inventory::HostJudge judge_of(std::shared_ptr<const KnowledgeSet> set) {
  return [set = std::move(set)](const observation::FlowRecord& flow) {
    return identify::judge(set->catalogue->match(flow.host), {}, flow);
  };
}

std::vector<std::string> rematch_lines(const std::vector<inventory::RetroMatch>& matches) {
  std::vector<std::string> lines;
  for (const inventory::RetroMatch& match : matches)
    lines.push_back(match.host + " was unknown and is known now as " + match.app + ": seen since " +
                    report::minute_text(match.first_seen) + " UTC" +
                    (match.clients.empty()
                         ? "."
                         : ", with " + report::count_of(match.clients.size(), "client") + "."));
  return lines;
}

}  // namespace gnomon::cli
