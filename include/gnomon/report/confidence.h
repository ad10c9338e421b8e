#pragma once

#include "gnomon/report/listing.h"

namespace gnomon::report {

// Takes the rows of low confidence out of a list that tells confidence: they are shown apart.
Listing take_low_confidence(Listing& listing);

}  // namespace gnomon::report
