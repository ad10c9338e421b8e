#include "sensor_setup.h"

#include <algorithm>
#include <cstdio>

#include "gnomon/inventory/risk.h"
#include "options.h"
#include "policy_files.h"
#include "service/knowledge_set.h"
