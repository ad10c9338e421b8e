#include "gnomon/sensor/knowledge.h"

#include "gnomon/sensor/replay.h"

namespace gnomon::sensor {

KnowledgePointer knowledge_of(const ReplayOptions& options, const identify::Catalogue& catalogue) {
  auto knowledge = std::make_shared<Knowledge>();
  knowledge->catalogue = &catalogue;
  knowledge->api = options.api;
  knowledge->shadow = options.shadow;
  knowledge->detectors = options.detectors;
  knowledge->inspector = options.inspector;
  return knowledge;
}

}  // namespace gnomon::sensor
