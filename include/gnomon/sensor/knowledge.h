#pragma once

#include <memory>

#include "gnomon/content/inspector.h"
#include "gnomon/identify/api_reader.h"
#include "gnomon/identify/catalogue.h"
#include "gnomon/identify/shadow_name.h"
#include "gnomon/sensor/exchange_reader.h"

namespace gnomon::sensor {

// All that flows are judged by, and that a running sensor may change over to: immutable, one for all
// threads. Handed over as a pointer between two packets; a shard that still reads bodies by an
// earlier one keeps that alive until they have ended.
struct Knowledge {
  const identify::Catalogue* catalogue = nullptr;
  const identify::ApiKnowledge* api = nullptr;      // null: model APIs are not read
  const identify::ShadowName* shadow = nullptr;     // null: names say nothing
  DetectorSource detectors;                         // empty: bodies are not looked through
  content::InspectorOptions inspector;
  std::shared_ptr<const void> holds;                // what the pointers above point into
};
using KnowledgePointer = std::shared_ptr<const Knowledge>;

struct ReplayOptions;
// What a run begins with. Holds nothing: the caller keeps the options and the catalogue.
KnowledgePointer knowledge_of(const ReplayOptions& options, const identify::Catalogue& catalogue);

}  // namespace gnomon::sensor
