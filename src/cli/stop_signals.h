#pragma once

#include "gnomon/sensor/running_sensor.h"

namespace gnomon::cli {

// What signals are for: they may come until the process has ended.
sensor::SensorControl& running_sensor();

// From now on SIGINT and SIGTERM ask for a clean end, SIGHUP for a reload. Who asks again is not
// waited for.
void take_signals();

}  // namespace gnomon::cli
