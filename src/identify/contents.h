#pragma once

#include <vector>

#include "client_table.h"
#include "gnomon/identify/catalogue.h"
#include "host_table.h"
#include "text_index.h"
#include "text_store.h"
#include "vocabulary.h"

namespace gnomon::identify {

struct Catalogue::Contents {
  TextStore text;  // what all views point into
  std::vector<App> apps;
  std::vector<Endpoint> shared_hosts;  // of nobody
  HostTable hosts;                     // to positions in `matches`
  std::vector<Match> matches;
  std::vector<LabelRole> label_roles;
  TextIndex label_index;  // to positions in `label_roles`
  ClientTable clients;
  std::vector<Problem> doubts;
};

}  // namespace gnomon::identify
