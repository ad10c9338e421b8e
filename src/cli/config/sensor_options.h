#pragma once

#include "config.h"
#include "gnomon/content/scanner.h"
#include "gnomon/inventory/recorder.h"
#include "gnomon/sensor/replay.h"
#include "../signature_folder.h"

namespace gnomon::cli {

// What the configuration means for each part: all of it that can be told without looking at a disk.
sensor::ReplayOptions sensor_options(const Config& config);  // everything but inputs and knowledge
content::InspectorOptions inspector_options(const Config& config);
// Reads what was learnt, where it is named.
Result<content::DetectorOptions> detector_options(const Config& config);
inventory::RecorderLimits recorder_limits(const Config& config);
inventory::Retention retention(const Config& config);
// Looks for the folder, reads the keys.
Result<identify::SignatureFolders> signature_folders(const Config& config);

}  // namespace gnomon::cli
