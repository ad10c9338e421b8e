#include "command.h"

namespace gnomon::cli {

int run_replay(Arguments) { return kMisused; }

}  // namespace gnomon::cli
